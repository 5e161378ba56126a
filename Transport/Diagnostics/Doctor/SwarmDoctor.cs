using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// Finds out why nodes do not meet: tries each address from this machine, with an identity of its own, and joins nothing. What it makes of
/// what it sees is <see cref="DoctorRules"/>' affair.
/// </summary>
/// <param name="token">The swarm's.</param>
/// <param name="options">How it looks; null: the defaults.</param>
public sealed class SwarmDoctor(SwarmToken token, SwarmDoctorOptions? options = null)
{
    private readonly SwarmDoctorOptions _options = options ?? new();

    /// <summary>Looks.</summary>
    /// <param name="examined">At what.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DoctorReport> ExamineAsync(DoctorCase examined, CancellationToken cancellationToken)
    {
        var keys = new SwarmKeys(token);
        var addresses = examined.Addresses.DistinctBy(address => address.Address).Take(_options.Addresses);

        // A node of another swarm cannot be what others of this one reach here.
        var node = examined.Node?.Network == keys.Network ? examined.Node : null;
        var observations = new DoctorObservations
        {
            Network = keys.Network,
            AgentVersion = IdentifyProtocol.AgentVersion,
            Case = examined,
            Probes = await ProbeAsync([.. addresses], new AddressProber(token, node, _options), cancellationToken),
            HasMulticast = _options.HasMulticast(),
        };
        return new(observations.Probes, DoctorRules.Apply(observations));
    }

    private async Task<AddressProbe[]> ProbeAsync(List<DoctorAddress> addresses, AddressProber prober, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(_options.Dials);
        return await Task.WhenAll(addresses.Select(async address =>
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await prober.ProbeAsync(address, cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }));
    }
}
