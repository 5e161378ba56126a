using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>An address that is dialed now.</summary>
/// <param name="Address">Which, without a peer at its end: whoever answers is taken.</param>
/// <param name="Expected">Who should be there; null: nobody knows.</param>
/// <param name="Source">Who has named it.</param>
internal sealed record DialAttempt(Multiaddress Address, PeerId? Expected, string Source);
