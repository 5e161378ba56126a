namespace ManagedSwarm.Bench.Soak;

/// <summary>What a soak has found.</summary>
/// <param name="Tally">What came of all streams.</param>
/// <param name="Heap">A sample for each cycle.</param>
/// <param name="Problems">What is wrong; none is what is hoped for.</param>
internal sealed record SoakResult(SoakTally Tally, HeapTrend Heap, IReadOnlyList<string> Problems)
{
    public int Cycles => Heap.Samples.Count;
}
