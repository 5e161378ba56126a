using System.Numerics;

namespace ManagedSwarm.Gguf;

/// <summary>Makes GGUF files: collects metadata and tensors, then writes them. Data may be computed as they are written.</summary>
public sealed class GgufWriter
{
    private readonly OrderedDictionary<string, object> _metadata = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, TensorDraft> _tensors = new(StringComparer.Ordinal);

    /// <summary>The format's version; other than 3 for tests only.</summary>
    internal uint Version { get; init; } = GgufHeader.MaxVersion;

    private int Alignment => _metadata.TryGetValue(GgufHeader.AlignmentKey, out var value) ? (int)(uint)value : GgufHeader.DefaultAlignment;

    /// <summary>Sets a key-value pair. The value's .NET type is the type in the file.</summary>
    /// <param name="value">One of the types that <see cref="GgufMetadata"/> names, or an array of these.</param>
    /// <exception cref="ArgumentException">There is no such type in a file, or the value cannot be that of this key.</exception>
    public void Set(string key, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        var type = value.GetType();
        if (GgufValueTypes.Of(type.IsSZArray ? type.GetElementType()! : type) is null || value is string?[] texts && texts.Contains(null))
        {
            throw new ArgumentException($"The value of '{key}' is a {type}, which a file cannot hold.", nameof(value));
        }

        if (key == GgufHeader.AlignmentKey
            && (value is not uint alignment || !BitOperations.IsPow2(alignment) || alignment > GgufLimits.Default.MaxAlignment))
        {
            throw new ArgumentException($"'{key}' is {value}, wanted is a power of two as {typeof(uint)}.", nameof(value));
        }

        _metadata[key] = value;
    }

    /// <summary>Adds a tensor whose elements are known; they are converted at once.</summary>
    /// <param name="dimensions">1 to 4 sizes, the contiguous one first.</param>
    /// <param name="values">All elements.</param>
    /// <exception cref="ArgumentException">The name is taken or too long, or sizes, type and elements do not fit each other.</exception>
    /// <exception cref="NotSupportedException">There is no quantizer for this type.</exception>
    public void AddTensor(string name, TensorType type, ReadOnlySpan<long> dimensions, ReadOnlySpan<float> values)
    {
        var tensor = TensorDraft.Create(name, type, dimensions);
        var blocks = new byte[tensor.ByteLength];
        BlockCodec.Quantize(type, values, blocks);
        Add(tensor with { Source = CopyBlocks });

        void CopyBlocks(long firstRow, Memory<byte> destination) =>
            blocks.AsMemory(checked((int)(firstRow * tensor.RowBytes)), destination.Length).CopyTo(destination);
    }

    /// <summary>Adds a tensor whose rows are computed, in order, when the file is written.</summary>
    /// <inheritdoc cref="AddTensor"/>
    public void AddRows(string name, TensorType type, ReadOnlySpan<long> dimensions, RowSource source)
    {
        if (!BlockCodec.CanQuantize(type))
        {
            throw new NotSupportedException($"there is no quantizer for {type}");
        }

        var tensor = TensorDraft.Create(name, type, dimensions);
        var row = new float[tensor.Dimensions[0]];
        Add(tensor with { Source = QuantizeRows });

        void QuantizeRows(long firstRow, Memory<byte> destination)
        {
            for (var start = 0; start < destination.Length; start += tensor.RowBytes)
            {
                source(firstRow + (start / tensor.RowBytes), row);
                BlockCodec.Quantize(type, row, destination.Span.Slice(start, tensor.RowBytes));
            }
        }
    }

    /// <summary>
    /// Adds a tensor whose bytes are computed, some rows at a time and in order, when the file is written. Any type will do.
    /// </summary>
    /// <inheritdoc cref="AddTensor"/>
    public void AddBlocks(string name, TensorType type, ReadOnlySpan<long> dimensions, BlockSource source) =>
        Add(TensorDraft.Create(name, type, dimensions) with { Source = source });

    /// <summary>Writes a file. It appears under its name only when it is complete.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => Save(path, _metadata, [.. _tensors.Values]);

    /// <summary>Writes to a stream, which need not be seekable.</summary>
    public void Write(Stream stream) => Write(stream, _metadata, [.. _tensors.Values]);

    /// <summary>
    /// Writes the files of a split model, <c>PREFIX-00001-of-00003.gguf</c> and so on, in the way of llama.cpp's gguf-split: metadata
    /// in the first one, tensors in order.
    /// </summary>
    /// <param name="maxDataBytes">No file has more tensor data than this, unless it has a single tensor.</param>
    /// <returns>Their paths.</returns>
    /// <exception cref="IOException">One cannot be written.</exception>
    public IReadOnlyList<string> SaveSplit(string prefix, long maxDataBytes)
    {
        var parts = Part(maxDataBytes);
        var paths = new List<string>(parts.Count);
        for (var i = 0; i < parts.Count; i++)
        {
            var metadata = i == 0 ? new(_metadata) : new OrderedDictionary<string, object>();
            metadata[GgufShard.NumberKey] = checked((ushort)i);
            metadata[GgufShard.CountKey] = checked((ushort)parts.Count);
            metadata[GgufShard.TensorCountKey] = _tensors.Count;
            if (Alignment != GgufHeader.DefaultAlignment)
            {
                metadata[GgufHeader.AlignmentKey] = (uint)Alignment;
            }

            paths.Add(new SplitName(prefix, i + 1, parts.Count).ToString());
            Save(paths[i], metadata, parts[i]);
        }

        return paths;
    }

    private void Add(TensorDraft tensor)
    {
        if (!_tensors.TryAdd(tensor.Name, tensor))
        {
            throw new ArgumentException($"There is a tensor '{tensor.Name}' already.", nameof(tensor));
        }
    }

    private List<List<TensorDraft>> Part(long maxDataBytes)
    {
        List<List<TensorDraft>> parts = [[]];
        var bytes = 0L;
        foreach (var tensor in _tensors.Values)
        {
            if (parts[^1].Count > 0 && bytes + tensor.ByteLength > maxDataBytes)
            {
                parts.Add([]);
                bytes = 0;
            }

            parts[^1].Add(tensor);
            bytes += tensor.ByteLength;
        }

        return parts;
    }

    private void Save(string path, OrderedDictionary<string, object> metadata, List<TensorDraft> tensors)
    {
        var unfinished = path + ".part";
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                Write(stream, metadata, tensors);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private void Write(Stream stream, OrderedDictionary<string, object> metadata, List<TensorDraft> tensors)
    {
        var position = HeaderWriter.Write(stream, Version, metadata, tensors, Alignment);
        foreach (var tensor in tensors)
        {
            position = HeaderWriter.Pad(stream, position, Alignment);
            tensor.WriteData(stream);
            position += tensor.ByteLength;
        }

        HeaderWriter.Pad(stream, position, Alignment);
    }
}
