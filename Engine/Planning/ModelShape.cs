namespace ManagedSwarm.Engine.Planning;

/// <summary>What a plan must know of a model: bytes per layer, in the form that is computed with. Immutable.</summary>
public sealed record ModelShape
{
    private readonly long? _headReadBytes;

    /// <summary>What the model is called in messages.</summary>
    public required string Name { get; init; }

    /// <summary>Floats per hidden state.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>What each layer's weights take of memory.</summary>
    public required IReadOnlyList<long> LayerWeightBytes { get; init; }

    /// <summary>What each layer's weights take of the file, and of the network on their way to a worker.</summary>
    public required IReadOnlyList<long> LayerFileBytes { get; init; }

    /// <summary>Embedding, final norm and output matrix: the head's memory, whether it holds layers or not.</summary>
    public required long HeadWeightBytes { get; init; }

    /// <summary>What the head reads of them for one token; without a value, all.</summary>
    public long HeadReadBytes
    {
        get => _headReadBytes ?? HeadWeightBytes;
        init => _headReadBytes = value;
    }

    /// <summary>Keys and values of one layer, for the asked context and number of sequences.</summary>
    public required long KvBytesPerLayer { get; init; }

    /// <summary>The scratch memory of a node that holds layers, however many.</summary>
    public required long WorkspaceBytes { get; init; }

    public int LayerCount => LayerWeightBytes.Count;

    /// <exception cref="EngineException"><c>invalid_value</c>, <c>not_enough_memory</c></exception>
    internal void Validate()
    {
        if (LayerCount is < 1 or > SplitProblem.MaxLayers || LayerFileBytes.Count != LayerCount || HiddenSize < 1)
        {
            throw new EngineException(
                "invalid_value",
                $"{Name} has {LayerCount} layers of weights, {LayerFileBytes.Count} in its file, and hidden states of {HiddenSize}; "
                + $"allowed are 1 to {SplitProblem.MaxLayers} layers, as many in the file, and a size of at least 1");
        }

        var total = HeadWeightBytes + (Int128)WorkspaceBytes + ((Int128)KvBytesPerLayer * LayerCount);
        long[] others = [HeadWeightBytes, HeadReadBytes, KvBytesPerLayer, WorkspaceBytes];
        foreach (var bytes in LayerWeightBytes.Concat(LayerFileBytes).Concat(others))
        {
            if (bytes < 0)
            {
                throw new EngineException("invalid_value", $"a part of {Name} has {bytes} bytes; allowed is 0 or more");
            }

            total += bytes;
        }

        if (total > long.MaxValue)
        {
            throw new EngineException("not_enough_memory", $"{Name} needs more memory than can be counted in bytes");
        }
    }
}
