namespace ManagedSwarm.Transport.Membership;

/// <summary>A model that a node has.</summary>
/// <param name="Id">Its id in the API.</param>
/// <param name="Hash">Its identity: SHA-256, 64 hex digits; empty: not computed yet.</param>
/// <param name="Bytes">The size of its files.</param>
public sealed record ModelFacts(string Id, string Hash, long Bytes)
{
    /// <summary>
    /// What decides the last bits of its replies: nodes that have the same model and say the same give the same reply to the same request,
    /// token by token. Empty: this one promises nothing of the kind.
    /// </summary>
    public string Numerics { get; init; } = "";
}
