using System.Collections.Immutable;

namespace ManagedSwarm.Gguf;

/// <summary>Reads the tensor table of a header, and judges whether the data can be where it says.</summary>
internal static class TensorTableReader
{
    /// <summary>Length of an empty name, number of dimensions, one dimension, type, offset.</summary>
    public const int MinimumEntryBytes = sizeof(ulong) + sizeof(uint) + sizeof(ulong) + sizeof(uint) + sizeof(ulong);

    /// <summary>ggml's GGML_MAX_DIMS.</summary>
    private const int MaxDimensions = 4;

    /// <summary>An entry whose offset is still relative to the data section, and where the entry stands.</summary>
    public readonly record struct Entry(TensorInfo Tensor, long Position);

    public static List<Entry> Read(ref GgufReader reader, int count, int alignment, GgufLimits limits)
    {
        var entries = new List<Entry>(count);
        var names = new HashSet<string>(count, StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var entry = ReadEntry(ref reader, i, alignment, limits);
            if (!names.Add(entry.Tensor.Name))
            {
                reader.Fail($"tensor '{entry.Tensor.Name}' occurs twice", entry.Position);
            }

            entries.Add(entry);
        }

        return entries;
    }

    /// <summary>The tensors with absolute offsets.</summary>
    /// <exception cref="GgufFormatException">One lies beyond the end of the file, or two overlap.</exception>
    public static List<TensorInfo> Place(List<Entry> entries, long dataOffset, long fileLength, string? path)
    {
        var room = Math.Max(0, fileLength - dataOffset);
        foreach (var (tensor, position) in entries)
        {
            if (tensor.FileOffset > room || tensor.ByteLength > room - tensor.FileOffset)
            {
                var end = (Int128)dataOffset + tensor.FileOffset + tensor.ByteLength;
                throw new GgufFormatException($"tensor '{tensor.Name}' ends at byte {end}, the file has {fileLength}", position, path);
            }
        }

        RejectOverlaps(entries, path);
        return entries.ConvertAll(entry => entry.Tensor with { FileOffset = dataOffset + entry.Tensor.FileOffset });
    }

    private static Entry ReadEntry(ref GgufReader reader, int index, int alignment, GgufLimits limits)
    {
        var position = reader.Position;
        var name = reader.ReadString($"name of tensor {index}", limits.MaxTensorNameBytes);
        var dimensions = ReadDimensions(ref reader, name);
        var type = ReadType(ref reader, name);
        if (dimensions[0] % type.BlockLength() != 0)
        {
            reader.Fail($"tensor '{name}' has rows of {dimensions[0]} elements, {type} needs a multiple of {type.BlockLength()}", position);
        }

        var byteLength = ByteLength(ref reader, name, type, dimensions, position);
        // A row is what is handed out as one span.
        if (type.RowBytes(dimensions[0]) > int.MaxValue)
        {
            reader.Fail($"tensor '{name}' has rows of {type.RowBytes(dimensions[0])} bytes, allowed are {int.MaxValue}", position);
        }

        var offsetPosition = reader.Position;
        var offset = reader.ReadUInt64($"offset of tensor '{name}'");
        if (offset % (ulong)alignment != 0)
        {
            reader.Fail($"tensor '{name}' has offset {offset}, which is not a multiple of the alignment {alignment}", offsetPosition);
        }

        if (offset > long.MaxValue)
        {
            reader.Fail($"tensor '{name}' has offset {offset}, which no file can have", offsetPosition);
        }

        return new Entry(new TensorInfo(name, type, dimensions, byteLength, Shard: 0, (long)offset), position);
    }

    private static ImmutableArray<long> ReadDimensions(ref GgufReader reader, string name)
    {
        var start = reader.Position;
        var count = reader.ReadUInt32($"number of dimensions of tensor '{name}'");
        if (count is < 1 or > MaxDimensions)
        {
            reader.Fail($"tensor '{name}' has {count} dimensions, allowed are 1 to {MaxDimensions}", start);
        }

        var dimensions = ImmutableArray.CreateBuilder<long>((int)count);
        for (var i = 0; i < count; i++)
        {
            start = reader.Position;
            var size = reader.ReadUInt64($"dimension {i} of tensor '{name}'");
            if (size is 0 or > long.MaxValue)
            {
                reader.Fail($"dimension {i} of tensor '{name}' is {size}, allowed are 1 to {long.MaxValue}", start);
            }

            dimensions.Add((long)size);
        }

        return dimensions.MoveToImmutable();
    }

    private static TensorType ReadType(ref GgufReader reader, string name)
    {
        var start = reader.Position;
        var type = (TensorType)reader.ReadUInt32($"type of tensor '{name}'");
        if (!Enum.IsDefined(type))
        {
            var supported = string.Join(' ', Enum.GetNames<TensorType>());
            reader.Fail($"tensor '{name}' has type {UnsupportedTypes.Describe((uint)type)}, supported are {supported}", start);
        }

        return type;
    }

    private static long ByteLength(ref GgufReader reader, string name, TensorType type, ImmutableArray<long> dimensions, long position)
    {
        try
        {
            var bytes = type.RowBytes(dimensions[0]);
            foreach (var size in dimensions.AsSpan()[1..])
            {
                bytes = checked(bytes * size);
            }

            return bytes;
        }
        catch (OverflowException)
        {
            reader.Fail($"tensor '{name}' has the size {string.Join(" x ", dimensions)}, more bytes than can be counted", position);
            return 0;
        }
    }

    private static void RejectOverlaps(List<Entry> entries, string? path)
    {
        var sorted = entries.OrderBy(entry => entry.Tensor.FileOffset).ToList();
        for (var i = 1; i < sorted.Count; i++)
        {
            var before = sorted[i - 1].Tensor;
            var (tensor, position) = sorted[i];
            if (tensor.FileOffset < before.FileOffset + before.ByteLength)
            {
                throw new GgufFormatException($"tensor '{tensor.Name}' overlaps tensor '{before.Name}'", position, path);
            }
        }
    }
}
