using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Model.KvFormats;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>Sizes of the tiled attention. The span is part of the results' order of operations; the others are not.</summary>
internal sealed class AttentionShape(ModelConfig config)
{
    /// <summary>Positions that share one maximum, one sum and one accumulation; spans begin at its multiples.</summary>
    public const int SpanLength = 256;

    /// <summary>Floats between the scores of two rows: the last tile of a span may be stored whole.</summary>
    public const int ScoreStride = SpanLength + KvFormat.TileLength;

    /// <summary>Rows (queries of one KV head) that share each load of keys and values.</summary>
    public const int MaxRows = 32;

    /// <summary>Rows that the kernels take at once.</summary>
    public const int RowGroup = 4;

    public int Heads { get; } = config.HeadCount;

    public int KvHeads { get; } = config.KvHeadCount;

    /// <summary>Query heads per KV head.</summary>
    public int GroupSize { get; } = config.HeadsPerKvHead;

    public int KeySize { get; } = config.KeyHeadSize;

    public int ValueSize { get; } = config.ValueHeadSize;

    /// <summary>Floats per row of values and accumulators.</summary>
    public int PaddedValueSize { get; } = KvFormat.PaddedSize(config.ValueHeadSize);

    /// <summary>Floats of a row's state.</summary>
    public int StateSize { get; } = RowState.SizeOf(KvFormat.PaddedSize(config.ValueHeadSize));

    /// <summary>Factor of the scores.</summary>
    public float Scale { get; } = 1f / MathF.Sqrt(config.KeyHeadSize);

    /// <summary>Spans that cover so many positions.</summary>
    public static int SpansFor(int positions) => (positions + SpanLength - 1) / SpanLength;
}
