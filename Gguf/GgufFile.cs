using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Gguf;

/// <summary>An open GGUF file, or the files of a split model as one: metadata in memory, tensors memory-mapped.</summary>
/// <remarks>
/// Reads versions 2 and 3, little-endian (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Safe for use by many threads;
/// pointers and spans are valid until <see cref="Dispose"/>.
/// </remarks>
public sealed class GgufFile : ITensorStore
{
    private readonly List<GgufShard> _shards;
    private readonly Dictionary<string, TensorInfo> _byName;

    private GgufFile(string path, List<GgufShard> shards)
    {
        Path = path;
        _shards = shards;
        Metadata = shards[0].Header.Metadata;
        ByteLength = shards.Sum(shard => shard.File.Length);
        var tensors = new List<TensorInfo>(shards.Sum(shard => shard.Header.Tensors.Count));
        _byName = new(tensors.Capacity, StringComparer.Ordinal);
        for (var i = 0; i < shards.Count; i++)
        {
            foreach (var tensor in shards[i].Header.Tensors)
            {
                Add(tensors, tensor with { Shard = i });
            }
        }

        Tensors = tensors;
    }

    /// <summary>The file that was opened.</summary>
    public string Path { get; }

    /// <summary>The file's name without its extension, and of a split model without its numbers: what people call the model.</summary>
    public string ModelName => NameOf(Path);

    /// <summary>Size of the file, or of all files of a split model, in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>The key-value pairs of the (first) file.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>All tensors, in the order of the file(s).</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary><see cref="ModelName"/> of a file that need not be there.</summary>
    public static string NameOf(string path) =>
        System.IO.Path.GetFileName(SplitName.Parse(path)?.Prefix) ?? System.IO.Path.GetFileNameWithoutExtension(path);

    /// <summary>
    /// Opens a file. Where it is a part of a split model (<c>NAME-00001-of-00003.gguf</c> with <c>split.*</c> metadata), all parts
    /// are opened, whichever of them is named.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    /// <exception cref="GgufFormatException">
    /// It is not a well-formed GGUF file, has a tensor of a type that is not supported, asks for more than
    /// <paramref name="limits"/> allow, or a part of a split model is missing or does not fit.
    /// </exception>
    public static GgufFile Open(string path, GgufLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("GGUF files are mapped as they are, which a big-endian CPU cannot read.");
        }

        var shards = GgufShard.OpenAll(path, limits ?? GgufLimits.Default);
        try
        {
            return new GgufFile(path, shards);
        }
        catch
        {
            shards.ForEach(shard => shard.Dispose());
            throw;
        }
    }

    /// <summary>What the open files are now, in their order.</summary>
    public IReadOnlyList<FileStamp> CreateStamps() => [.. _shards.Select(shard => shard.File.CreateStamp())];

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? tensor) => _byName.TryGetValue(name, out tensor);

    /// <inheritdoc/>
    public unsafe byte* GetPointer(TensorInfo tensor) => _shards[tensor.Shard].File.GetPointer(tensor.FileOffset, tensor.ByteLength);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> GetRow(TensorInfo tensor, long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, tensor.Rows);
        var length = tensor.Type.RowBytes(tensor.Columns);
        return _shards[tensor.Shard].File.GetSpan(checked(tensor.FileOffset + (row * length)), checked((int)length));
    }

    /// <inheritdoc/>
    public void ReadRows(TensorInfo tensor, long firstRow, int count, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow, tensor.Rows - count);
        var length = tensor.Type.RowBytes(tensor.Columns);
        _shards[tensor.Shard].File.Read(checked(tensor.FileOffset + (firstRow * length)), destination[..checked((int)(count * length))]);
    }

    /// <inheritdoc/>
    public void ReadBytes(TensorInfo tensor, long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.ByteLength - destination.Length);
        _shards[tensor.Shard].File.Read(checked(tensor.FileOffset + offset), destination);
    }

    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    private void Add(List<TensorInfo> tensors, TensorInfo tensor)
    {
        if (!_byName.TryAdd(tensor.Name, tensor))
        {
            var (here, there) = (_shards[tensor.Shard].File.Path, _shards[_byName[tensor.Name].Shard].File.Path);
            throw new GgufFormatException($"tensor '{tensor.Name}' is in '{there}' too", tensor.FileOffset, here);
        }

        tensors.Add(tensor);
    }
}
