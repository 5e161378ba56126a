using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>Values at the ends of what a type can hold.</summary>
public sealed class ExtremeValueTests
{
    private const int Columns = 512;
    private const int Rows = 17;

    public static TheoryData<TensorType> Types() => new(Weights.Types);

    public static TheoryData<TensorType> QuantizedTypes() => new(Weights.QuantizedTypes);

    public static TheoryData<TensorType, float> NotFinite() =>
        new MatrixTheoryData<TensorType, float>(Weights.Types, [float.NaN, float.PositiveInfinity, float.NegativeInfinity]);

    /// <summary>All bits of the codes (and of the scales within blocks) set, clear, or mixed, with all activations ±127: nothing overflows.</summary>
    [Theory]
    [MemberData(nameof(QuantizedTypes))]
    public void Largest_codes_times_largest_activations_do_not_overflow(TensorType type)
    {
        foreach (var bits in (byte[])[0xFF, 0x00, 0x7F, 0x80, 0x3F, 0xF0, 0x0F])
        {
            using var file = new MatrixFile(type, Columns, Weights.Uniform(type, Columns, Rows, bits, (Half)0.01f));
            float[][] inputs = [Activations(_ => 4f), Activations(_ => -4f), Activations(i => i % 2 == 0 ? 4f : -4f), Activations(i => i % 4 < 2 ? 4f : -4f)];
            PackedProductTests.RequireSums(file, PackedKernels.For(type), inputs);
        }
    }

    [Theory]
    [MemberData(nameof(QuantizedTypes))]
    public void Subnormal_zero_and_negative_scales_count_for_what_they_are(TensorType type)
    {
        foreach (var bits in (ushort[])[0x0001, 0x03FF, 0x0400, 0x8001, 0x83FF, 0x0000, 0x8000, 0xBC00, 0x7BFF, 0xFBFF])
        {
            using var file = new MatrixFile(type, Columns, Weights.Uniform(type, Columns, Rows, 0x5A, BitConverter.UInt16BitsToHalf(bits)));
            PackedProductTests.RequireSums(file, PackedKernels.For(type), PackedProduct.RandomInputs(2, Columns, seed: bits));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Zero_huge_and_tiny_activations_give_zero_huge_and_tiny_results(TensorType type)
    {
        using var file = new MatrixFile(type, Columns, Weights.Random(type, Columns, Rows, seed: 1));
        float[][] inputs = [Activations(_ => 0f), Activations(i => i * 1e28f), Activations(i => i * 1e-25f), Activations(i => i % 300 == 0 ? 1f : 0f)];
        PackedProductTests.RequireSums(file, PackedKernels.For(type), inputs);
    }

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void An_activation_that_is_not_finite_makes_its_own_token_NaN(TensorType type, float value)
    {
        using var file = new MatrixFile(type, Columns, Weights.Random(type, Columns, Rows, seed: 2));
        var inputs = PackedProduct.RandomInputs(5, Columns, seed: 3);
        var expected = PackedProduct.Compute(file.Matrix, PackedKernels.For(type), inputs);
        inputs[3][300] = value;
        var found = PackedProduct.Compute(file.Matrix, PackedKernels.For(type), inputs);
        Assert.All(found[3], result => Assert.False(float.IsFinite(result)));
        Assert.True(!float.IsNaN(value) || found[3].All(float.IsNaN), "of NaN comes NaN");
        Assert.Equal([.. expected[..3], expected[4]], [.. found[..3], found[4]]);
    }

    [Theory]
    [MemberData(nameof(NotFinite))]
    public void Refuses_a_weight_that_is_not_finite(TensorType type, float value)
    {
        var isFloat = type.BlockLength() == 1;
        var block = isFloat ? 300 : Columns / type.BlockLength() / 2;
        var (first, last) = isFloat ? (288, 319) : (block * type.BlockLength(), ((block + 1) * type.BlockLength()) - 1);
        for (var scale = 0; scale < (isFloat ? 1 : Weights.ScaleCount(type)); scale++)
        {
            var rows = Weights.Random(type, Columns, Rows, seed: 4);
            Weights.SetScale(type, rows[11], block, scale, (Half)value);
            using var file = new MatrixFile(type, Columns, rows);
            using var threads = new ComputeThreads(2);
            var exception = Assert.Throws<EngineException>(() => new PackedMatrix(file.Matrix, PackedKernels.For(type), threads, LoadMonitor.Silent));
            Assert.Equal("invalid_model", exception.Code);
            Assert.Equal($"{file.Matrix.File.Path}: tensor 'weights', row 11, columns {first} to {last}: an element is no finite number", exception.Message);
        }
    }

    private static float[] Activations(Func<int, float> value) => [.. Enumerable.Range(0, Columns).Select(value)];
}
