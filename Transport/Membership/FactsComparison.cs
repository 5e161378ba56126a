namespace ManagedSwarm.Transport.Membership;

/// <summary>Compares what a node says about itself with what it said before.</summary>
internal static class FactsComparison
{
    // An eighth of all memory: a smaller model's worth.
    private const int MemoryPart = 8;

    public static FactsChange Compare(NodeFacts before, NodeFacts after)
    {
        if (IsMajor(before, after))
        {
            return FactsChange.Major;
        }

        if (before.MemoryBandwidth != after.MemoryBandwidth)
        {
            return FactsChange.Minor;
        }

        if (before.FreeMemory == after.FreeMemory && before.Load == after.Load)
        {
            return FactsChange.None;
        }

        return Math.Abs(before.FreeMemory - after.FreeMemory) > after.TotalMemory / MemoryPart || DiffersInLoad(before.Load, after.Load)
            ? FactsChange.Minor
            : FactsChange.Trifle;
    }

    private static bool IsMajor(NodeFacts before, NodeFacts after) =>
        (before.Name, before.Version, before.Device, before.Cores, before.TotalMemory)
            != (after.Name, after.Version, after.Device, after.Cores, after.TotalMemory)
        || !before.Roles.SequenceEqual(after.Roles)
        || !before.Models.SequenceEqual(after.Models)
        || !before.Layers.SequenceEqual(after.Layers)
        || !before.Addresses.SequenceEqual(after.Addresses);

    /// <summary>Between idle and busy, or by more than half.</summary>
    private static bool DiffersInLoad(NodeLoad before, NodeLoad after) =>
        Differs((long)before.InFlight + before.Queued, (long)after.InFlight + after.Queued) || Differs(before.TokensPerSecond, after.TokensPerSecond);

    private static bool Differs(long old, long now) => (old == 0) != (now == 0) || Math.Abs(now - old) * 2 > Math.Max(old, now);
}
