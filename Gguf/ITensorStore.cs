using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Gguf;

/// <summary>A model's metadata and some or all of its tensors, wherever their bytes lie: what stages are made from.</summary>
/// <remarks>Safe for use by many threads; pointers and spans are valid until it is disposed.</remarks>
public interface ITensorStore : IDisposable
{
    /// <summary>Where it came from, for messages.</summary>
    string Path { get; }

    /// <summary>The model's key-value pairs.</summary>
    GgufMetadata Metadata { get; }

    /// <summary>All tensors that are here.</summary>
    IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>Finds a tensor.</summary>
    bool TryGetTensor(string name, [NotNullWhen(true)] out TensorInfo? tensor);

    /// <summary>A tensor's first byte: <see cref="TensorInfo.ByteLength"/> bytes.</summary>
    unsafe byte* GetPointer(TensorInfo tensor);

    /// <summary>The bytes of one row.</summary>
    /// <param name="row">From 0 to <see cref="TensorInfo.Rows"/> - 1.</param>
    ReadOnlySpan<byte> GetRow(TensorInfo tensor, long row);

    /// <summary>
    /// Copies the bytes of some rows by reading, not by mapping: the file's pages never count as this process's memory.
    /// </summary>
    /// <param name="firstRow">From 0 to <see cref="TensorInfo.Rows"/> - <paramref name="count"/>.</param>
    /// <param name="count">Rows.</param>
    /// <param name="destination">At least so many bytes as these rows have.</param>
    /// <exception cref="GgufFormatException">The file has become shorter since it was opened.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    void ReadRows(TensorInfo tensor, long firstRow, int count, Span<byte> destination);

    /// <summary>Copies some bytes of a tensor by reading, as <see cref="ReadRows"/> does.</summary>
    /// <param name="offset">Where they begin, in bytes from the tensor's first.</param>
    /// <param name="destination">As many as are wanted; within the tensor.</param>
    /// <inheritdoc cref="ReadRows"/>
    void ReadBytes(TensorInfo tensor, long offset, Span<byte> destination);
}
