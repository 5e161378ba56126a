using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>All that findings are made of.</summary>
internal sealed record DoctorObservations
{
    /// <summary>The network of the token.</summary>
    public required string Network { get; init; }

    /// <summary>This program: <c>managedswarm/0.1.0</c>.</summary>
    public required string AgentVersion { get; init; }

    public required DoctorCase Case { get; init; }

    public IReadOnlyList<AddressProbe> Probes { get; init; } = [];

    /// <summary>Whether a network interface can be used for mDNS.</summary>
    public bool HasMulticast { get; init; } = true;

    /// <summary>The probes that have reached a member, by who that is.</summary>
    public IEnumerable<IGrouping<PeerId, AddressProbe>> Reached =>
        Probes.Where(probe => probe.Answered is not null).GroupBy(probe => probe.Answered!);
}
