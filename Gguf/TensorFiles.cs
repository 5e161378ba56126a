using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Gguf;

/// <summary>A part of a model, each of whose tensors is a file of its own that holds nothing but its bytes.</summary>
public sealed class TensorFiles : ITensorStore
{
    private readonly List<MappedFile> _files = [];
    private readonly Dictionary<string, TensorInfo> _byName = new(StringComparer.Ordinal);
    private readonly List<TensorInfo> _tensors = [];
    private readonly IDisposable? _lease;

    private TensorFiles(GgufSkeleton skeleton, string path, IDisposable? lease)
    {
        (Metadata, Path) = (skeleton.Metadata, path);
        _lease = lease;
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public GgufMetadata Metadata { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TensorInfo> Tensors => _tensors;

    /// <summary>Maps the files of all tensors of a skeleton.</summary>
    /// <param name="skeleton">What they are.</param>
    /// <param name="path">What the model is called in messages.</param>
    /// <param name="fileOf">A tensor's file; several tensors may have the same.</param>
    /// <param name="lease">Disposed with this; where this fails, it stays the caller's.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="GgufFormatException">A file has another length than its tensor.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static TensorFiles Open(GgufSkeleton skeleton, string path, Func<TensorInfo, string> fileOf, IDisposable? lease = null)
    {
        var store = new TensorFiles(skeleton, path, lease);
        try
        {
            foreach (var tensor in skeleton.Tensors)
            {
                store.Add(tensor, fileOf(tensor));
            }

            return store;
        }
        catch
        {
            store.Close();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? tensor) => _byName.TryGetValue(name, out tensor);

    /// <inheritdoc/>
    public unsafe byte* GetPointer(TensorInfo tensor) => _files[tensor.Shard].GetPointer(tensor.FileOffset, tensor.ByteLength);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> GetRow(TensorInfo tensor, long row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, tensor.Rows);
        var length = tensor.Type.RowBytes(tensor.Columns);
        return _files[tensor.Shard].GetSpan(checked(row * length), checked((int)length));
    }

    /// <inheritdoc/>
    public void ReadRows(TensorInfo tensor, long firstRow, int count, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(firstRow);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstRow, tensor.Rows - count);
        var length = tensor.Type.RowBytes(tensor.Columns);
        _files[tensor.Shard].Read(checked(firstRow * length), destination[..checked((int)(count * length))]);
    }

    /// <inheritdoc/>
    public void ReadBytes(TensorInfo tensor, long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, tensor.ByteLength - destination.Length);
        _files[tensor.Shard].Read(offset, destination);
    }

    public void Dispose()
    {
        Close();
        _lease?.Dispose();
    }

    private void Add(TensorInfo tensor, string path)
    {
        var file = MappedFile.Open(path);
        _files.Add(file);
        if (file.Length != tensor.ByteLength)
        {
            throw new GgufFormatException(
                $"the file of tensor '{tensor.Name}' has {file.Length} bytes, the tensor {tensor.ByteLength}", file.Length, path);
        }

        // The file's number takes the shard's place, as in a split model.
        var placed = tensor with { Shard = _files.Count - 1, FileOffset = 0 };
        _tensors.Add(placed);
        _byName.Add(placed.Name, placed);
    }

    private void Close() => _files.ForEach(file => file.Dispose());
}
