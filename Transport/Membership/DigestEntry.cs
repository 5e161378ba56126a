using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>A record that somebody holds, by its number. A claim: it is not signed.</summary>
internal readonly record struct DigestEntry(PeerId Owner, ulong Sequence);
