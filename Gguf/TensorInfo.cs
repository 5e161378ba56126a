using System.Collections.Immutable;

namespace ManagedSwarm.Gguf;

/// <summary>One tensor of a GGUF file: what it is and where its bytes are.</summary>
/// <param name="Name">Unique within the file, for example <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its elements are stored.</param>
/// <param name="Dimensions">1 to 4 sizes in ggml's order: the contiguous one (the row length) first.</param>
/// <param name="ByteLength">Its size in bytes.</param>
/// <param name="Shard">Which file of a split model holds it; 0 for a model in one file.</param>
/// <param name="FileOffset">Where its bytes begin, in bytes from the start of that file.</param>
public sealed record TensorInfo(string Name, TensorType Type, ImmutableArray<long> Dimensions, long ByteLength, int Shard, long FileOffset)
{
    /// <summary>Elements of a row: the first dimension.</summary>
    public long Columns => Dimensions[0];

    /// <summary>Number of rows: the product of all dimensions but the first.</summary>
    public long Rows
    {
        get
        {
            var rows = 1L;
            foreach (var size in Dimensions.AsSpan()[1..])
            {
                rows = checked(rows * size);
            }

            return rows;
        }
    }
}
