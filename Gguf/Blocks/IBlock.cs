namespace ManagedSwarm.Gguf.Blocks;

/// <summary>
/// A unit in which a tensor type stores elements: a struct with the very layout of the file. The formulas are ggml's
/// (<c>dequantize_row_*</c> in ggml-quants.c), in f32, in the same order of operations, so that results are bit-equal.
/// </summary>
public interface IBlock<TBlock>
    where TBlock : unmanaged, IBlock<TBlock>
{
    /// <summary>The type that consists of these blocks.</summary>
    static abstract TensorType Type { get; }

    /// <summary>Elements per block.</summary>
    static abstract int Length { get; }

    /// <summary>Computes the elements: <paramref name="destination"/> has <see cref="Length"/> of them.</summary>
    static abstract void Dequantize(in TBlock block, Span<float> destination);
}
