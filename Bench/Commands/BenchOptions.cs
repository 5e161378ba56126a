using System.CommandLine;
using ManagedSwarm.Bench.Decode;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Bench.Commands;

/// <summary>The options that all commands share.</summary>
internal sealed class BenchOptions
{
    private readonly Option<int> _threads = new("--threads") { Description = "Compute threads", DefaultValueFactory = _ => 2 };

    private readonly Option<KernelKind> _kernels = new("--kernels")
    {
        Description = "Which managed kernels",
        DefaultValueFactory = _ => KernelKind.Fast,
    };

    private readonly Option<KvType> _kvType = new("--kv") { Description = "How keys and values are kept", DefaultValueFactory = _ => KvType.F16 };
    private readonly Option<string?> _output = new("--output") { Description = "The Markdown file to write; by default a new one in Bench/results" };

    private readonly Argument<string[]> _files = new("files")
    {
        Description = "GGUF files; none: models of 1.1 billion parameters in Q4_0, Q4_K_M and Q8_0 are made and kept in the temporary folder",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_files);
        command.Options.Add(_threads);
        command.Options.Add(_kernels);
        command.Options.Add(_kvType);
        command.Options.Add(_output);
    }

    public EngineSettings Settings(ParseResult parsed) =>
        new(parsed.GetValue(_threads), parsed.GetValue(_kernels), parsed.GetValue(_kvType));

    public string? Output(ParseResult parsed) => parsed.GetValue(_output);

    /// <summary>Full paths of the models that are asked for.</summary>
    public IReadOnlyList<string> Models(ParseResult parsed) =>
        parsed.GetValue(_files) is { Length: > 0 } files ? [.. files.Select(Path.GetFullPath)] : BenchModels.Make();
}
