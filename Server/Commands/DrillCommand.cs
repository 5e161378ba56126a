using System.CommandLine;
using ManagedSwarm.Server.Drills;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>drill</c>: starts a swarm on this machine, breaks its workers in the middle of replies, and shows what comes of it.</summary>
internal static class DrillCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("drill", "Starts workers on this machine, breaks them in the middle of a reply, and tells whether it stays the same.");
        command.Arguments.Add(new Argument<string>(CommandLine.ModelArgument)
        {
            Description = $"A GGUF file; without it, the small model that ships. [env: {OptionSpec.EnvironmentName(CommandLine.ModelArgument)}]",
            Arity = ArgumentArity.ZeroOrOne,
        });
        foreach (var option in DrillOptions.All)
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) => RunAsync(new OptionValues(parsed, context.Environment), context));
        return command;
    }

    /// <returns>0: all replies were the same; 1: one was not, or nothing could be done.</returns>
    /// <exception cref="UsageException">The options are wrong.</exception>
    /// <exception cref="StartException">The model cannot be read, or the nodes do not come up.</exception>
    private static async Task<int> RunAsync(OptionValues values, CommandContext context)
    {
        var plan = DrillOptions.Read(values.GetArgument(CommandLine.ModelArgument) ?? RunCommand.DefaultModel, values);
        var isJson = values.Get(DrillOptions.Json);
        var folder = Directory.CreateTempSubdirectory("managedswarm-drill-").FullName;
        try
        {
            await using var run = new DrillRun(plan, new DrillHost(folder, new DrillLimits(), context.Time, context.Error.WriteLine));
            var rows = await run.RunAsync(context.Terminated);
            if (isJson)
            {
                DrillView.WriteJson(context.Output, plan, rows);
            }
            else
            {
                DrillView.WriteTable(context.Output, rows);
            }

            return rows.All(row => row.IsFine) && rows.Any(row => row.Skipped is null) ? ExitCode.Success : ExitCode.Failure;
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
