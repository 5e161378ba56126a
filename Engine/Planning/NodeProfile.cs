namespace ManagedSwarm.Engine.Planning;

/// <summary>What a plan must know of a node. Times that were not measured are estimated from <see cref="MemoryBandwidth"/>.</summary>
public sealed record NodeProfile
{
    /// <summary>
    /// Bytes per second that weights are read with where nobody has measured: what two cores of the servers that were measured
    /// (Bench/results, "GB/s of weights per token") reach at least. An assumption, and shown as one.
    /// </summary>
    public const double AssumedMemoryBandwidth = 16e9;

    /// <summary>
    /// What of the speed of a plain loop that reads memory a token's weights are read with: 63 to 81 % by tensor type (Bench/results, "of the
    /// read loop").
    /// </summary>
    public const double ShareOfReadSpeed = 0.7;

    /// <summary>What one more token in a step takes of the time of the first: about a fifth, whatever the model's size.</summary>
    public const double AssumedFurtherTokenShare = 0.2;

    /// <summary>Tells nodes apart.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it; need not be unique.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it owns tokenizer, embedding, output matrix and sampling. Exactly one does.</summary>
    public bool IsHead { get; init; }

    /// <summary>Bytes that the model may take here.</summary>
    public required long FreeMemory { get; init; }

    /// <summary>Measured: a step of one token through one layer; scaled by each layer's bytes. Null: not measured.</summary>
    public double? DecodeMsPerLayer { get; init; }

    /// <summary>Measured: each further token of a step through one layer. Null: not measured.</summary>
    public double? PrefillMsPerTokenPerLayer { get; init; }

    /// <summary>Measured: output matrix and sampling for one token, on the head. Null: not measured.</summary>
    public double? HeadMs { get; init; }

    /// <summary>Bytes per second that weights are read with.</summary>
    public double MemoryBandwidth { get; init; } = AssumedMemoryBandwidth;

    /// <summary>Whether its times are estimated.</summary>
    public bool IsEstimated => DecodeMsPerLayer is null;

    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    internal void Validate()
    {
        if (FreeMemory < 0)
        {
            throw new EngineException("invalid_value", $"node '{Name}' has {FreeMemory} bytes of free memory; allowed is 0 or more");
        }

        Require(DecodeMsPerLayer ?? 0, "time per layer");
        Require(PrefillMsPerTokenPerLayer ?? 0, "time per token of a prompt and layer");
        Require(HeadMs ?? 0, "time of the head");
        Require(MemoryBandwidth, "memory bandwidth");
        if (MemoryBandwidth == 0)
        {
            throw new EngineException("invalid_value", $"node '{Name}' has a memory bandwidth of 0; allowed is more than 0");
        }
    }

    private void Require(double value, string what)
    {
        if (!(value >= 0 && double.IsFinite(value)))
        {
            throw new EngineException("invalid_value", FormattableString.Invariant($"the {what} of node '{Name}' is {value}; allowed is 0 or more"));
        }
    }
}
