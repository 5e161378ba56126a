namespace ManagedSwarm.Engine.Planning;

/// <summary>Whether layers that are placed already should go to other places.</summary>
/// <param name="Ranges">The better places; null: all stays as it is.</param>
/// <param name="Reason">Why it stays; null: it does not.</param>
public sealed record RearrangementChoice(IReadOnlyList<NodeRange>? Ranges, string? Reason)
{
    internal static RearrangementChoice Move(IReadOnlyList<NodeRange> ranges) => new(ranges, null);

    internal static RearrangementChoice Stay(string reason) => new(null, reason);
}
