using ManagedSwarm.Transport.Diagnostics;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>What the parts of a local peer share.</summary>
/// <param name="Self">Who it is.</param>
/// <param name="Options">How it works.</param>
/// <param name="Protocols">What it serves.</param>
/// <param name="Store">What it knows about others.</param>
/// <param name="Metrics">What it measures.</param>
/// <param name="Tasks">What runs until its end.</param>
/// <param name="Stopping">Cancelled at its end.</param>
internal sealed record PeerContext(
    PeerId Self,
    LocalPeerOptions Options,
    ProtocolTable Protocols,
    PeerStore Store,
    TransportMetrics Metrics,
    RunningTasks Tasks,
    CancellationToken Stopping);
