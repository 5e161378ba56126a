namespace ManagedSwarm.Gguf;

/// <summary>An open GGUF file, or the files of a split model as one: metadata in memory, tensors memory-mapped.</summary>
public sealed class GgufFile : IDisposable
{
    private GgufFile(GgufMetadata metadata, IReadOnlyList<TensorInfo> tensors)
    {
        Metadata = metadata;
        Tensors = tensors;
    }

    /// <summary>The key-value pairs of the (first) file.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>All tensors, in the order of the file(s).</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    public void Dispose()
    {
    }
}
