using System.Runtime.InteropServices;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Gguf;

/// <summary>Bytes of a tensor to floats and back: the scalar reference for every type. Faster code is judged by it.</summary>
public static class BlockCodec
{
    /// <summary>Computes the elements of some blocks.</summary>
    /// <param name="source">A whole number of blocks.</param>
    /// <param name="destination">As many elements as these blocks have.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Dequantize(TensorType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        CheckLengths(type, destination.Length, source.Length);
        switch (type)
        {
            case TensorType.F32: Dequantize<BlockF32>(source, destination); break;
            case TensorType.F16: Dequantize<BlockF16>(source, destination); break;
            case TensorType.BF16: Dequantize<BlockBF16>(source, destination); break;
            case TensorType.Q4_0: Dequantize<BlockQ4_0>(source, destination); break;
            case TensorType.Q4_1: Dequantize<BlockQ4_1>(source, destination); break;
            case TensorType.Q5_0: Dequantize<BlockQ5_0>(source, destination); break;
            case TensorType.Q5_1: Dequantize<BlockQ5_1>(source, destination); break;
            case TensorType.Q8_0: Dequantize<BlockQ8_0>(source, destination); break;
            case TensorType.Q2_K: Dequantize<BlockQ2_K>(source, destination); break;
            case TensorType.Q3_K: Dequantize<BlockQ3_K>(source, destination); break;
            case TensorType.Q4_K: Dequantize<BlockQ4_K>(source, destination); break;
            case TensorType.Q5_K: Dequantize<BlockQ5_K>(source, destination); break;
            case TensorType.Q6_K: Dequantize<BlockQ6_K>(source, destination); break;
            case TensorType.IQ4_NL: Dequantize<BlockIQ4_NL>(source, destination); break;
            case TensorType.IQ4_XS: Dequantize<BlockIQ4_XS>(source, destination); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not a supported tensor type");
        }
    }

    /// <summary>Whether <see cref="Quantize"/> can make this type.</summary>
    public static bool CanQuantize(TensorType type) => type
        is TensorType.F32 or TensorType.F16 or TensorType.BF16 or TensorType.Q8_0 or TensorType.Q4_0
        or TensorType.Q4_K or TensorType.Q6_K;

    /// <summary>Makes blocks from elements; finite ones, where the type is not a float type.</summary>
    /// <param name="source">The elements of a whole number of blocks.</param>
    /// <param name="destination">As many bytes as these blocks have.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    /// <exception cref="NotSupportedException">There is no quantizer for this type.</exception>
    public static void Quantize(TensorType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        CheckLengths(type, source.Length, destination.Length);
        switch (type)
        {
            case TensorType.F32: Quantize<BlockF32>(source, destination); break;
            case TensorType.F16: Quantize<BlockF16>(source, destination); break;
            case TensorType.BF16: Quantize<BlockBF16>(source, destination); break;
            case TensorType.Q8_0: Quantize<BlockQ8_0>(source, destination); break;
            case TensorType.Q4_0: Quantize<BlockQ4_0>(source, destination); break;
            case TensorType.Q4_K: Quantize<BlockQ4_K>(source, destination); break;
            case TensorType.Q6_K: Quantize<BlockQ6_K>(source, destination); break;
            default: throw new NotSupportedException($"there is no quantizer for {type}");
        }
    }

    private static void Dequantize<TBlock>(ReadOnlySpan<byte> source, Span<float> destination)
        where TBlock : unmanaged, IBlock<TBlock>
    {
        var blocks = MemoryMarshal.Cast<byte, TBlock>(source);
        for (var i = 0; i < blocks.Length; i++)
        {
            TBlock.Dequantize(in blocks[i], destination.Slice(i * TBlock.Length, TBlock.Length));
        }
    }

    private static void Quantize<TBlock>(ReadOnlySpan<float> source, Span<byte> destination)
        where TBlock : unmanaged, IQuantizableBlock<TBlock>
    {
        var blocks = MemoryMarshal.Cast<byte, TBlock>(destination);
        for (var i = 0; i < blocks.Length; i++)
        {
            TBlock.Quantize(source.Slice(i * TBlock.Length, TBlock.Length), out blocks[i]);
        }
    }

    private static void CheckLengths(TensorType type, int elements, int bytes)
    {
        if (elements % type.BlockLength() != 0 || type.RowBytes(elements) != bytes)
        {
            throw new ArgumentException($"{elements} elements and {bytes} bytes do not fit each other as {type} "
                + $"({type.BlockBytes()} bytes for {type.BlockLength()} elements).");
        }
    }
}
