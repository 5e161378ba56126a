using System.CommandLine;
using ManagedSwarm.Bench.Kernels;
using ManagedSwarm.Bench.Reports;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Kernels.Packed;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Bench.Commands;

/// <summary><c>instructions</c>: products by each instruction set that this CPU has; which one is chosen stands on such a table.</summary>
internal sealed class InstructionsCommand
{
    private const int MatrixRows = 4096;
    private const int Columns = 4096;

    private static readonly int[] Tokens = [1, 4, 512];

    private static readonly TensorType[] Types =
        [TensorType.Q4_0, TensorType.Q8_0, TensorType.Q4_K, TensorType.Q5_K, TensorType.Q6_K, TensorType.IQ4_NL, TensorType.IQ4_XS];

    private readonly Option<int> _threads = new("--threads") { Description = "Compute threads", DefaultValueFactory = _ => 2 };
    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var instructions = new InstructionsCommand();
        var command = new Command("instructions", "Products by each instruction set that this CPU has")
        {
            instructions._threads, instructions._rounds, instructions._output,
        };
        command.SetAction(parsed => instructions.Run(parsed, arguments));
        return command;
    }

    private int Run(ParseResult parsed, IReadOnlyList<string> arguments)
    {
        var sets = InstructionSet.Supported;
        var threads = new ComputeThreads(parsed.GetValue(_threads));
        using var kernels = new FastKernels(threads);
        var report = new Report("instructions", "Instruction sets", $"{threads.Count} threads", arguments);
        report.AddParagraph(
            $"GOP/s of a matrix of {MatrixRows} × {Columns} times some tokens, quantising these included, instruction sets in turns; medians of "
            + $"{parsed.GetValue(_rounds)} rounds [each round in brackets]. All give the same bits; 'chosen' is what the engine takes.");
        var table = new MarkdownTable(["type", "tokens", .. sets.Select(set => set.Name), "chosen"]);
        foreach (var type in Types)
        {
            using var tensor = new BenchTensor(type, MatrixRows, Columns);
            foreach (var tokens in Tokens)
            {
                var speeds = sets.Select(set => new ProductSpeed(tensor.Matrix, set.Kernel(type), tokens, kernels, threads)).ToList();
                var found = Measure(speeds, parsed.GetValue(_rounds));
                speeds.ForEach(speed => speed.Dispose());
                Progress.Say($"{type}, {tokens} tokens: {string.Join(", ", sets.Zip(found, (set, rounds) => $"{set.Name} {Rounds.Digits(rounds.Median)}"))}");
                table.Add([$"{type}", $"{tokens}", .. found.Select(rounds => rounds.ToString()), Chosen(type, sets)]);
            }
        }

        report.AddTable(table);
        report.Save(parsed.GetValue(_output));
        return 0;
    }

    /// <summary>All in turns, so that what drifts with the machine favours none.</summary>
    private static List<Rounds> Measure(List<ProductSpeed> speeds, int rounds)
    {
        var found = speeds.Select(_ => new List<double>()).ToList();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < speeds.Count; i++)
            {
                found[i].Add(speeds[i].Measure());
            }
        }

        return [.. found.Select(values => new Rounds(values))];
    }

    private static string Chosen(TensorType type, IReadOnlyList<InstructionSet> sets)
    {
        var chosen = PackedKernels.For(type).GetType();
        return sets.FirstOrDefault(set => set.Kernel(type).GetType() == chosen)?.Name ?? "another";
    }
}
