namespace ManagedSwarm.Engine.Model;

/// <summary>How keys and values are kept.</summary>
public enum KvType
{
    F16 = 0,
    F32 = 1,

    /// <summary>8 bits, with one f32 scale for every 32 values of a token's head.</summary>
    Q8_0 = 2,
}

/// <summary>The size and the shape of a stage's KV cache.</summary>
public sealed record KvCacheOptions
{
    /// <summary>How keys and values are kept.</summary>
    public KvType Type { get; init; } = KvType.F16;

    /// <summary>Tokens per block.</summary>
    public int BlockLength { get; init; } = 32;

    /// <summary>Tokens that all sequences together may hold.</summary>
    public int CapacityTokens { get; init; } = 4096;

    /// <summary>Blocks that hold so many tokens.</summary>
    public int BlockCount => (int)(((long)CapacityTokens + BlockLength - 1) / BlockLength);

    /// <exception cref="EngineException"><c>invalid_value</c></exception>
    internal void Validate()
    {
        if (BlockLength < 1 || CapacityTokens < 1)
        {
            throw new EngineException(
                "invalid_value", $"a KV cache of {CapacityTokens} tokens in blocks of {BlockLength} cannot be; allowed is at least one each");
        }
    }
}
