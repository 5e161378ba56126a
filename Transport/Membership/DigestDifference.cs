using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Membership;

/// <summary>What two ledgers have to tell each other.</summary>
/// <param name="Send">Records that the other lacks, or has an older one of.</param>
/// <param name="Want">Owners of whom the other claims to hold a newer record.</param>
internal sealed record DigestDifference(IReadOnlyList<NodeRecord> Send, IReadOnlyList<PeerId> Want);
