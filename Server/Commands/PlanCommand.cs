using System.CommandLine;
using System.Text.Json;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>plan</c>: which node would hold which layers, and how fast that should be; starts nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("plan", "Shows how a model would be split over machines, and how fast that should be. Starts nothing.");
        command.Arguments.Add(new Argument<string>(CommandLine.ModelArgument)
        {
            Description = $"A GGUF file; without it, the small model that ships. [env: {OptionSpec.EnvironmentName(CommandLine.ModelArgument)}]",
            Arity = ArgumentArity.ZeroOrOne,
        });
        foreach (var option in PlanOptions.All)
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) => RunAsync(new OptionValues(parsed, context.Environment), context));
        return command;
    }

    /// <returns>0: at least one strategy can split the model; 1: none can.</returns>
    /// <exception cref="UsageException">The options are wrong.</exception>
    /// <exception cref="StartException">The model or a file cannot be read.</exception>
    private static async Task<int> RunAsync(OptionValues values, CommandContext context)
    {
        // Whatever can be wrong in the command line is said before files are read.
        var strategies = values.Get(SplitOptions.Split) is not null
            ? [SplitOptions.ReadAsked(values)!]
            : SplitOptions.ReadAvailable(values);
        var options = ReadModel(values);
        var path = values.GetArgument(CommandLine.ModelArgument) ?? RunCommand.DefaultModel;
        PlanReport report;
        try
        {
            var (shape, contextLength) = ReadShape(path, options);
            var nodes = await PlanNodes.FindAsync(values, context);
            var past = PlanHistory.Read(path, context.Folders.Configuration, values.Get(SplitOptions.Wire));
            var problem = ProblemOf(values, shape, contextLength, past.Complete(nodes));
            report = PlanReport.Make(problem, strategies, options.ParallelSequences, nodes.Note, past);
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }

        Show(report, values.Get(PlanOptions.Json), context.Output);
        return report.Plans.Any(plan => plan.Plan is not null) ? ExitCode.Success : ExitCode.Failure;
    }

    private static void Show(PlanReport report, bool asJson, TextWriter output)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(PlanView.Of(report), PlanJson.Wire.PlanBody));
        }
        else
        {
            PlanTable.Write(SwarmTable.ConsoleFor(output), report);
        }
    }

    private static ModelOptions ReadModel(OptionValues values) => new()
    {
        ContextLength = values.Get(RunOptions.Context),
        Device = values.Get(RunOptions.Device),
        Kernels = values.Get(RunOptions.Kernels),
        KvType = values.Get(RunOptions.Kv),
    };

    private static SplitProblem ProblemOf(OptionValues values, ModelShape shape, int contextLength, PlanNodes nodes) => new()
    {
        Shape = shape,
        Nodes = nodes.Nodes,
        Links = nodes.Links,
        Context = contextLength,
        Objective = values.Get(SplitOptions.Objective),
        MinWorkers = values.Get(SplitOptions.MinWorkers),
        HeadHoldsLayers = values.Get(SplitOptions.HeadLayers),
        WireBytesPerValue = SwarmProblem.BytesPerValue(values.Get(SplitOptions.Wire)),
        PromptTokens = values.Get(PlanOptions.Prompt),
        Requests = values.Get(PlanOptions.Requests),
    };

    private static (ModelShape Shape, int Context) ReadShape(string path, ModelOptions options)
    {
        try
        {
            return ModelShapeFile.Read(path, options);
        }
        catch (Exception exception) when (exception is GgufFormatException or EngineException or IOException or UnauthorizedAccessException)
        {
            var message = exception.Message.Contains(path, StringComparison.Ordinal) ? exception.Message : $"{path}: {exception.Message}";
            throw new StartException(ShownText.Fit(message), exception);
        }
    }
}
