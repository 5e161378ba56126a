using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>What came of dialing an address last.</summary>
/// <param name="Address">Which.</param>
/// <param name="Source">Who had named it: <see cref="IPeerDiscovery.Name"/>.</param>
/// <param name="At">When, by this node's wall clock: for people.</param>
/// <param name="Code">Null: it worked; else the code of the error, as of <see cref="SwarmException.Code"/>.</param>
/// <param name="Reason">Null: it worked; else the error in one line.</param>
public sealed record AddressTrial(Multiaddress Address, string Source, DateTimeOffset At, string? Code, string? Reason);
