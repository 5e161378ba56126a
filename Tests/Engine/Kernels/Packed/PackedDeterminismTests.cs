using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>A token's product has the same bits in every batch, on any number of threads, with every instruction set.</summary>
public sealed class PackedDeterminismTests
{
    private const int Rows = 83;

    public static TheoryData<TensorType> Types() => new(Weights.Types);

    public static TheoryData<string, TensorType> InstructionSetsAndTypes() =>
        new MatrixTheoryData<string, TensorType>(InstructionSets.Names, Weights.Types);

    [Theory]
    [MemberData(nameof(InstructionSetsAndTypes))]
    public void Every_instruction_set_gives_the_same_bits_for_any_number_of_columns(string instructionSet, TensorType type)
    {
        var kernel = InstructionSets.Kernel(instructionSet, type);
        var columns = type.BlockLength() == 1 ? 172 : 768;
        using var file = new MatrixFile(type, columns, Weights.Random(type, columns, Rows, seed: 1));
        var inputs = PackedProduct.RandomInputs(19, columns, seed: 2);
        var expected = Alone(file.Matrix, PackedKernels.For(type), inputs);
        for (var count = 1; count <= inputs.Length; count++)
        {
            // From the end, so that a token is at another place in each batch.
            RequireSameBits(expected[^count..], PackedProduct.Compute(file.Matrix, kernel, inputs[^count..]), $"{count} tokens");
        }
    }

    [Theory]
    [MemberData(nameof(InstructionSetsAndTypes))]
    public void Every_instruction_set_gives_the_same_bits_for_extreme_blocks(string instructionSet, TensorType type)
    {
        var kernel = InstructionSets.Kernel(instructionSet, type);
        using var file = new MatrixFile(type, 512, Weights.Fuzz(type, 512, Rows, seed: 3));
        var inputs = PackedProduct.RandomInputs(4, 512, seed: 4);
        Array.Fill(inputs[1], 3f);
        Array.Fill(inputs[2], 0f);
        RequireSameBits(Alone(file.Matrix, PackedKernels.For(type), inputs), PackedProduct.Compute(file.Matrix, kernel, inputs), "extremes");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Any_number_of_threads_gives_the_bits_of_one(TensorType type)
    {
        using var file = new MatrixFile(type, 512, Weights.Random(type, 512, 400, seed: 5));
        var inputs = PackedProduct.RandomInputs(40, 512, seed: 6);
        var expected = PackedProduct.Compute(file.Matrix, PackedKernels.For(type), inputs);
        foreach (var threads in (int[])[2, 3, 5])
        {
            RequireSameBits(expected, PackedProduct.Compute(file.Matrix, PackedKernels.For(type), inputs, threads), $"{threads} threads");
        }
    }

    [Fact]
    public unsafe void Products_of_the_same_inputs_have_the_bits_that_each_has_alone()
    {
        var inputs = PackedProduct.RandomInputs(5, 256, seed: 7);
        TensorType[] types = [TensorType.Q4_K, TensorType.Q8_0, TensorType.Q6_K, TensorType.F16, TensorType.Q4_0];
        using var team = new ComputeThreads(2);
        var kernels = new FastKernels(team);
        MatrixFile[] files = [.. types.Select(type => new MatrixFile(type, 256, Weights.Random(type, 256, Rows, seed: 8)))];
        Matrix[] matrices = [.. files.Select(file => kernels.Prepare(file.Matrix, LoadMonitor.Silent))];
        var expected = matrices.Select(matrix => PackedProduct.Run(kernels, matrix, inputs)).ToArray();
        var flat = inputs.SelectMany(input => input).ToArray();
        var results = new float[types.Length * inputs.Length * Rows];
        fixed (float* x = flat, y = results)
        {
            var products = new Product[types.Length];
            for (var i = 0; i < types.Length; i++)
            {
                products[i] = new Product(matrices[i], y + (i * inputs.Length * Rows));
            }

            kernels.Multiply(x, inputs.Length, products);
        }

        RequireSameBits([.. expected.SelectMany(tokens => tokens)], [.. results.Chunk(Rows)], "together");
        Array.ForEach(matrices, matrix => matrix.Dispose());
        Array.ForEach(files, file => file.Dispose());
    }

    private static float[][] Alone(WeightMatrix matrix, PackedKernel kernel, float[][] inputs) =>
        [.. inputs.SelectMany(input => PackedProduct.Compute(matrix, kernel, [input]))];

    private static void RequireSameBits(float[][] expected, float[][] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        for (var token = 0; token < expected.Length; token++)
        {
            for (var row = 0; row < expected[token].Length; row++)
            {
                Assert.True(
                    BitConverter.SingleToInt32Bits(expected[token][row]) == BitConverter.SingleToInt32Bits(found[token][row]),
                    $"{what}: token {token} of {found.Length}, row {row}: {found[token][row]:R}; expected {expected[token][row]:R}");
            }
        }
    }
}
