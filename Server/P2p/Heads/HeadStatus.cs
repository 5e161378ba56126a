namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>How far a model is, for those who ask. Safe for use by many threads.</summary>
/// <param name="State">How far.</param>
/// <param name="Node">Whom it waits for: a node's name; null: nobody in particular.</param>
/// <param name="Progress">0 to 1 of the bytes; null: it cannot be told.</param>
/// <param name="Remaining">How long that should take; null: it cannot be told.</param>
/// <param name="Message">In words.</param>
internal sealed record HeadStatus(HeadState State, string? Node, double? Progress, TimeSpan? Remaining, string Message)
{
    public static HeadStatus Ready { get; } = new(HeadState.Ready, null, 1, null, "All layers are covered");
}
