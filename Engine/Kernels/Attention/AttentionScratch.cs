using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Model.KvFormats;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>What one thread needs for one part of the work; as large as a tile, whatever the context.</summary>
internal sealed unsafe class AttentionScratch
{
    private const int Alignment = 16; // floats: a cache line

    private readonly float[] _memory;
    private int _isTaken;

    public AttentionScratch(AttentionShape shape)
    {
        var tile = KvFormat.TileLength * Math.Max(shape.KeySize, shape.PaddedValueSize);
        var queries = AttentionShape.MaxRows * shape.KeySize;
        var scores = AttentionShape.MaxRows * AttentionShape.ScoreStride;
        var states = AttentionShape.MaxRows * shape.StateSize;

        // Pinned: the pointers stay right. All sizes are multiples of a cache line, and so each buffer begins at one.
        _memory = GC.AllocateArray<float>(checked(tile + queries + scores + (2 * states) + Alignment), pinned: true);
        var start = (float*)Unsafe.AsPointer(ref _memory[0]);
        Tile = start + ((Alignment - (((nint)start / sizeof(float)) % Alignment)) % Alignment);
        Queries = Tile + tile;
        Scores = Queries + queries;
        States = Scores + scores;
        SpanStates = States + states;
    }

    /// <summary>The loaded keys or values.</summary>
    public float* Tile { get; }

    /// <summary>(MaxRows / RowGroup, keySize, RowGroup), scaled.</summary>
    public float* Queries { get; }

    /// <summary>(MaxRows, ScoreStride): the scores of a span, then its weights.</summary>
    public float* Scores { get; }

    /// <summary>(MaxRows, state): all spans so far.</summary>
    public float* States { get; }

    /// <summary>(MaxRows, state): one span.</summary>
    public float* SpanStates { get; }

    /// <summary>(MaxRows): how many positions a row sees.</summary>
    public int[] Visible { get; } = new int[AttentionShape.MaxRows];

    /// <summary>Takes it for the calling thread, if nobody has it.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _isTaken, 1, 0) == 0;

    /// <summary>Gives it back.</summary>
    public void Release() => Volatile.Write(ref _isTaken, 0);
}
