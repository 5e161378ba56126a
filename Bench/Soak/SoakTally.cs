namespace ManagedSwarm.Bench.Soak;

/// <summary>What came of streams.</summary>
/// <param name="Streams">How many were opened.</param>
/// <param name="Broken">How many of them were reset or cut in at least one direction.</param>
/// <param name="Bytes">How many came.</param>
internal readonly record struct SoakTally(long Streams, long Broken, long Bytes)
{
    public static SoakTally operator +(SoakTally left, SoakTally right) =>
        new(left.Streams + right.Streams, left.Broken + right.Broken, left.Bytes + right.Bytes);
}
