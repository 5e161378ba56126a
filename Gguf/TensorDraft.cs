using System.Collections.Immutable;
using System.Text;

namespace ManagedSwarm.Gguf;

/// <summary>A tensor that is to be written.</summary>
internal sealed record TensorDraft(string Name, TensorType Type, ImmutableArray<long> Dimensions)
{
    /// <summary>Bytes that are asked of a source at once, or one row where that is longer.</summary>
    private const int BatchBytes = 4 << 20;

    private const int MaxDimensions = 4;

    /// <summary>Where its data come from.</summary>
    public BlockSource Source { get; init; } = (_, _) => throw new InvalidOperationException("a tensor needs a source");

    public int RowBytes { get; } = checked((int)Type.RowBytes(Dimensions[0]));

    public long Rows { get; } = Dimensions.Skip(1).Aggregate(1L, (product, size) => checked(product * size));

    public long ByteLength => checked(Rows * RowBytes);

    /// <exception cref="ArgumentException">Such a tensor cannot be in a file.</exception>
    public static TensorDraft Create(string name, TensorType type, ReadOnlySpan<long> dimensions)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Encoding.UTF8.GetByteCount(name) > GgufLimits.Default.MaxTensorNameBytes)
        {
            throw new ArgumentException($"'{name}' is longer than {GgufLimits.Default.MaxTensorNameBytes} bytes.", nameof(name));
        }

        if (dimensions.Length is < 1 or > MaxDimensions)
        {
            var message = $"'{name}' has {dimensions.Length} dimensions, allowed are 1 to {MaxDimensions}.";
            throw new ArgumentException(message, nameof(dimensions));
        }

        foreach (var size in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(dimensions));
        }

        if (dimensions[0] % type.BlockLength() != 0)
        {
            var message = $"'{name}' has rows of {dimensions[0]} elements, {type} needs a multiple of {type.BlockLength()}.";
            throw new ArgumentException(message, nameof(dimensions));
        }

        return new TensorDraft(name, type, [.. dimensions]);
    }

    public void WriteData(Stream stream)
    {
        var rowsAtOnce = (int)Math.Min(Rows, Math.Max(1, BatchBytes / RowBytes));
        var buffer = new byte[checked(rowsAtOnce * RowBytes)];
        for (var row = 0L; row < Rows; row += rowsAtOnce)
        {
            var batch = buffer.AsMemory(0, (int)Math.Min(rowsAtOnce, Rows - row) * RowBytes);
            Source(row, batch);
            stream.Write(batch.Span);
        }
    }
}
