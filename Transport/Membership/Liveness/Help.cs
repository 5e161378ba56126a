using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>A probe for another one.</summary>
/// <param name="For">Who has asked.</param>
/// <param name="Target">Whom for.</param>
/// <param name="Nonce">The request's.</param>
/// <param name="Until">When the answer is no.</param>
internal readonly record struct Help(PeerId For, Contact Target, uint Nonce, TimeSpan Until);
