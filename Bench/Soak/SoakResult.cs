namespace ManagedSwarm.Bench.Soak;

/// <summary>What a soak has found.</summary>
/// <param name="Streams">How many were opened.</param>
/// <param name="Bytes">How many came.</param>
/// <param name="Heap">A sample for each cycle.</param>
/// <param name="Problems">What is wrong; none is what is hoped for.</param>
internal sealed record SoakResult(long Streams, long Bytes, HeapTrend Heap, IReadOnlyList<string> Problems)
{
    public int Cycles => Heap.Samples.Count;
}
