using System.Runtime.CompilerServices;
using ManagedSwarm.Gguf;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Tests.Gguf.Blocks;

/// <summary>The structs against the sizes of the specification (ggml-common.h, at QK_K = 256).</summary>
public sealed class BlockLayoutTests
{
    [Fact]
    public void Every_struct_has_the_size_of_the_specification()
    {
        HasLayout<BlockF32>(TensorType.F32, 1, 4);
        HasLayout<BlockF16>(TensorType.F16, 1, 2);
        HasLayout<BlockBF16>(TensorType.BF16, 1, 2);
        HasLayout<BlockQ4_0>(TensorType.Q4_0, 32, 18);
        HasLayout<BlockQ4_1>(TensorType.Q4_1, 32, 20);
        HasLayout<BlockQ5_0>(TensorType.Q5_0, 32, 22);
        HasLayout<BlockQ5_1>(TensorType.Q5_1, 32, 24);
        HasLayout<BlockQ8_0>(TensorType.Q8_0, 32, 34);
        HasLayout<BlockQ2_K>(TensorType.Q2_K, 256, 84);
        HasLayout<BlockQ3_K>(TensorType.Q3_K, 256, 110);
        HasLayout<BlockQ4_K>(TensorType.Q4_K, 256, 144);
        HasLayout<BlockQ5_K>(TensorType.Q5_K, 256, 176);
        HasLayout<BlockQ6_K>(TensorType.Q6_K, 256, 210);
        HasLayout<BlockIQ4_NL>(TensorType.IQ4_NL, 32, 18);
        HasLayout<BlockIQ4_XS>(TensorType.IQ4_XS, 256, 136);
    }

    [Fact]
    public void Rejects_a_type_without_a_size()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ((TensorType)17).BlockLength());
        Assert.Throws<ArgumentOutOfRangeException>(() => ((TensorType)17).BlockBytes());
    }

    [Theory]
    [InlineData(31, 18)]
    [InlineData(32, 17)]
    [InlineData(64, 18)]
    public void Rejects_lengths_that_do_not_fit_each_other(int elements, int bytes)
    {
        Assert.Throws<ArgumentException>(() => BlockCodec.Dequantize(TensorType.Q4_0, new byte[bytes], new float[elements]));
        Assert.Throws<ArgumentException>(() => BlockCodec.Quantize(TensorType.Q4_0, new float[elements], new byte[bytes]));
    }

    private static void HasLayout<TBlock>(TensorType type, int length, int bytes)
        where TBlock : unmanaged, IBlock<TBlock>
    {
        Assert.Equal(bytes, Unsafe.SizeOf<TBlock>());
        Assert.Equal((type, length), (TBlock.Type, TBlock.Length));
        Assert.Equal((length, bytes), (type.BlockLength(), type.BlockBytes()));
    }
}
