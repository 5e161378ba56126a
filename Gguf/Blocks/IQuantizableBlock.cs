namespace ManagedSwarm.Gguf.Blocks;

/// <summary>A block that can also be made from elements.</summary>
public interface IQuantizableBlock<TBlock> : IBlock<TBlock>
    where TBlock : unmanaged, IQuantizableBlock<TBlock>
{
    /// <summary>Makes a block that is close to <paramref name="source"/>, which has <see cref="IBlock{TBlock}.Length"/> elements.</summary>
    static abstract void Quantize(ReadOnlySpan<float> source, out TBlock block);
}
