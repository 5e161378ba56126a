using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// Cuts the attention of a batch into parts: by segment, KV head and tile of rows; where those are too few to keep all threads busy, by
/// spans of positions as well. How it is cut changes no result. Grows to the largest batch seen.
/// </summary>
internal sealed unsafe class AttentionPlan(AttentionShape shape, int threads)
{
    // So that threads that are done early find something else to do.
    private const int PartsPerThread = 4;

    private AttentionPart[] _parts = new AttentionPart[64];
    private SplitRows[] _splits = new SplitRows[8];
    private float[] _states = [];
    private int _splitCount;

    public int PartCount { get; private set; }

    /// <summary>Multiply-adds of all parts.</summary>
    public long Work { get; private set; }

    public ref readonly AttentionPart this[int part] => ref _parts[part];

    /// <summary>Cuts a batch.</summary>
    public void Build(ReadOnlySpan<Segment> segments)
    {
        (PartCount, _splitCount, Work) = (0, 0, 0);
        var tiles = 0L;
        foreach (var segment in segments)
        {
            tiles += (long)TilesOf(segment) * shape.KvHeads;
        }

        var wanted = (long)threads * PartsPerThread;
        var most = threads == 1 ? 1 : (int)((wanted + tiles - 1) / Math.Max(1, tiles));
        var (firstToken, states) = (0, 0L);
        foreach (var segment in segments)
        {
            AddSegment(segment, firstToken, most, ref states);
            firstToken += segment.TokenCount;
        }

        if (_states.Length < states)
        {
            _states = GC.AllocateUninitializedArray<float>(checked((int)Math.Max(states, Math.Min(2L * _states.Length, Array.MaxLength))), pinned: true);
        }
    }

    /// <summary>The spans of a split's rows, over all parts.</summary>
    public int SpansOf(in AttentionPart part) => _splits[part.Split].Spans;

    /// <summary>The states of a split's rows in one span: (rows, state).</summary>
    public float* StatesOf(in AttentionPart part, int span)
    {
        ref readonly var split = ref _splits[part.Split];
        return (float*)Unsafe.AsPointer(ref _states[split.FirstState + (span * (long)StatesPerSpan(part.RowCount))]);
    }

    /// <summary>Reports a part of a split as done; true for the last one.</summary>
    public bool IsLast(in AttentionPart part) => Interlocked.Decrement(ref _splits[part.Split].Remaining) == 0;

    private int TilesOf(Segment segment) => (int)((((long)segment.TokenCount * shape.GroupSize) + AttentionShape.MaxRows - 1) / AttentionShape.MaxRows);

    private int StatesPerSpan(int rows) => (rows + AttentionShape.RowGroup - 1) / AttentionShape.RowGroup * AttentionShape.RowGroup * shape.StateSize;

    private void AddSegment(Segment segment, int firstToken, int most, ref long states)
    {
        var tiles = TilesOf(segment);
        var rows = checked(segment.TokenCount * shape.GroupSize);
        for (var kvHead = 0; kvHead < shape.KvHeads; kvHead++)
        {
            // The last rows see the most positions: the longest work first.
            for (var tile = tiles - 1; tile >= 0; tile--)
            {
                var firstRow = tile * AttentionShape.MaxRows;
                var rowCount = Math.Min(AttentionShape.MaxRows, rows - firstRow);
                var visible = segment.FirstPosition + ((firstRow + rowCount - 1) / shape.GroupSize) + 1;
                var spans = AttentionShape.SpansFor(visible);
                var cuts = Math.Min(most, spans);
                Work += (long)rowCount * visible * (shape.KeySize + shape.ValueSize);
                var part = new AttentionPart
                {
                    Sequence = segment.Sequence,
                    FirstPosition = segment.FirstPosition,
                    FirstToken = firstToken,
                    KvHead = kvHead,
                    FirstRow = firstRow,
                    RowCount = rowCount,
                    FirstSpan = 0,
                    SpanCount = spans,
                    Split = cuts == 1 ? -1 : AddSplit(cuts, spans, states),
                };
                states += cuts == 1 ? 0 : (long)spans * StatesPerSpan(rowCount);
                AddCuts(part, cuts);
            }
        }
    }

    private void AddCuts(in AttentionPart whole, int cuts)
    {
        for (var cut = 0; cut < cuts; cut++)
        {
            var first = (int)((long)whole.SpanCount * cut / cuts);
            var end = (int)((long)whole.SpanCount * (cut + 1) / cuts);
            if (PartCount == _parts.Length)
            {
                Array.Resize(ref _parts, 2 * PartCount);
            }

            _parts[PartCount++] = whole with { FirstSpan = first, SpanCount = end - first };
        }
    }

    private int AddSplit(int cuts, int spans, long firstState)
    {
        if (_splitCount == _splits.Length)
        {
            Array.Resize(ref _splits, 2 * _splitCount);
        }

        _splits[_splitCount] = new SplitRows { FirstState = firstState, Spans = spans, Remaining = cuts };
        return _splitCount++;
    }

    private struct SplitRows
    {
        /// <summary>Parts that are not done yet.</summary>
        public int Remaining;

        public required long FirstState { get; init; }

        public required int Spans { get; init; }
    }
}
