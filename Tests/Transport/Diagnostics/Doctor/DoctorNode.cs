using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Diagnostics.Doctor;

/// <summary>A member of a swarm that listens on this machine and answers doctors.</summary>
internal sealed class DoctorNode : IAsyncDisposable
{
    private readonly Identity _identity;
    private readonly DoctorService? _service;

    private DoctorNode(SwarmToken token, Identity identity, LocalPeerLimits limits, TimeProvider time, bool answers)
    {
        _identity = identity;
        Peer = new LocalPeer(identity, TestPeer.Patiently(LocalPeerOptions.For(token)) with { Limits = limits });
        _service = answers ? new DoctorService(Peer, token, Options(limits, time)) : null;
    }

    public LocalPeer Peer { get; }

    public PeerId Id => Peer.PeerId;

    /// <summary>With its id at the end.</summary>
    public Multiaddress Address => Peer.ListenAddresses[0];

    public static async Task<DoctorNode> StartAsync(
        SwarmToken token, Identity? identity = null, LocalPeerLimits? limits = null, TimeProvider? time = null, bool answers = true)
    {
        var node = new DoctorNode(token, identity ?? Identity.Generate(), limits ?? new(), time ?? TimeProvider.System, answers);
        await node.Peer.StartListenAsync([Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")], TestContext.Current.CancellationToken);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await Peer.DisposeAsync();
        _identity.Dispose();
    }

    // Long enough for a busy machine.
    private static DoctorServiceOptions Options(LocalPeerLimits limits, TimeProvider time) => new()
    {
        Limits = limits,
        IdleTimeout = TimeSpan.FromMinutes(2),
        DialTimeout = TimeSpan.FromMinutes(1),
        Time = time,
    };
}
