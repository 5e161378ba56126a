using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>Packed products against the scalar reference: dequantized rows, sums in double.</summary>
public sealed class PackedProductTests
{
    /// <summary>Of Σ|weight × activation|, on the same 8-bit activations: what rounding to f32 makes.</summary>
    private const double RoundingError = 1e-6;

    /// <summary>Quantising to 8 bits moves each activation by up to half a step, as good as by chance: so many standard deviations of the sum.</summary>
    private const double ActivationDeviations = 6;

    private static readonly int[] RowCounts = [1, 15, 17, 33, 100];

    public static TheoryData<TensorType, int> Shapes() => new(
        Weights.Types.SelectMany(type => Columns(type).Select(columns => (type, columns))));

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Is_the_sum_over_the_quantised_activations(TensorType type, int columns)
    {
        foreach (var rows in RowCounts)
        {
            using var file = new MatrixFile(type, columns, Weights.Random(type, columns, rows, seed: rows + columns));
            RequireSums(file, PackedKernels.For(type), PackedProduct.RandomInputs(3, columns, seed: rows));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Is_near_the_reference_kernels(TensorType type, int columns)
    {
        using var file = new MatrixFile(type, columns, Weights.Random(type, columns, 33, seed: columns));
        var inputs = PackedProduct.RandomInputs(9, columns, seed: 5);
        var expected = PackedProduct.ComputeReference(file.Matrix, inputs);
        var kernel = PackedKernels.For(type);
        var found = PackedProduct.Compute(file.Matrix, kernel, inputs);
        for (var token = 0; token < inputs.Length; token++)
        {
            var steps = QuantizedInput.Steps(inputs[token], kernel.Activations.BlockLength);
            for (var row = 0; row < 33; row++)
            {
                var weights = file.Row(row);
                var rounding = RoundingError * weights.Zip(inputs[token], (w, x) => Math.Abs((double)w * x)).Sum();
                var deviation = Math.Sqrt(weights.Zip(steps, (w, step) => w * step * w * step).Sum() / 12);
                Assert.Equal(expected[token][row], found[token][row], rounding + (ActivationDeviations * deviation));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Is_the_sum_for_random_blocks_with_any_finite_scales(TensorType type, int columns)
    {
        for (var seed = 0; seed < 8; seed++)
        {
            using var file = new MatrixFile(type, columns, Weights.Fuzz(type, columns, 19, seed));
            RequireSums(file, PackedKernels.For(type), PackedProduct.RandomInputs(2, columns, seed));
        }
    }

    [Fact]
    public void Adds_the_bias()
    {
        float[] bias = [.. Enumerable.Range(0, 37).Select(i => i * 0.25f)];
        var rows = Weights.Random(TensorType.Q4_K, 256, 37, seed: 1);
        using var with = new MatrixFile(TensorType.Q4_K, 256, rows, bias);
        using var without = new MatrixFile(TensorType.Q4_K, 256, rows);
        var inputs = PackedProduct.RandomInputs(11, 256, seed: 2);
        var kernel = PackedKernels.For(TensorType.Q4_K);
        var expected = PackedProduct.Compute(without.Matrix, kernel, inputs).Select(results => results.Zip(bias, (y, b) => y + b).ToArray());
        Assert.Equal(expected, PackedProduct.Compute(with.Matrix, kernel, inputs));
    }

    /// <summary>Rows and tokens against sums in double.</summary>
    internal static void RequireSums(MatrixFile file, PackedKernel kernel, float[][] inputs)
    {
        var found = PackedProduct.Compute(file.Matrix, kernel, inputs);
        for (var token = 0; token < inputs.Length; token++)
        {
            var activations = QuantizedInput.Of(inputs[token], kernel.Activations.BlockLength);
            for (var row = 0; row < file.Matrix.Rows; row++)
            {
                var products = file.Row(row).Zip(activations, (w, x) => w * x).ToArray();
                var tolerance = RoundingError * products.Sum(Math.Abs);
                Assert.True(
                    Math.Abs(found[token][row] - products.Sum()) <= tolerance,
                    $"token {token}, row {row} of {file.Matrix.Rows}: {found[token][row]}; expected {products.Sum()} ± {tolerance:E1}");
            }
        }
    }

    private static int[] Columns(TensorType type) => type.BlockLength() switch
    {
        1 => [1, 32, 172, 2816],
        32 => [32, 96, 256, 2816],
        _ => [256, 512, 2816],
    };
}
