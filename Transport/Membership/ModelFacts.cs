namespace ManagedSwarm.Transport.Membership;

/// <summary>A model that a node has.</summary>
/// <param name="Id">Its id in the API.</param>
/// <param name="Hash">Its identity: SHA-256, 64 hex digits; empty: not computed yet.</param>
/// <param name="Bytes">The size of its files.</param>
public sealed record ModelFacts(string Id, string Hash, long Bytes);
