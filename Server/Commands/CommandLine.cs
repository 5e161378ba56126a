using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Commands;

/// <summary>The program's commands, and the one place where what goes wrong becomes one line and an exit code.</summary>
internal static class CommandLine
{
    public const string ModelArgument = "MODEL";

    public const string ProgramName = "managedswarm";

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code; see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CommandContext context)
    {
        var parsed = Parse(args, context);
        if (parsed.Action is ParseErrorAction)
        {
            return Fail(context, ExitCode.Usage, $"{FirstErrorOf(parsed)}; see '{ProgramName} --help'");
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = context.Output,
                    Error = context.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                CancellationToken.None);
        }
        catch (UsageException exception)
        {
            return Fail(context, ExitCode.Usage, exception.Message);
        }
        catch (StartException exception)
        {
            return Fail(context, ExitCode.Failure, exception.Message);
        }
        catch (Exception exception)
        {
            return Fail(context, ExitCode.Failure, $"internal error: {exception.GetType().Name}: {exception.Message}");
        }
    }

    /// <summary>Parses a command line; without arguments it means the program's main job, as with LocalAI's.</summary>
    public static ParseResult Parse(string[] args, CommandContext context) =>
        Create(context).Parse(args.Length == 0 ? [RunCommand.Name] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static RootCommand Create(CommandContext context)
    {
        var root = new RootCommand("ManagedSwarm runs llama-family GGUF models and serves them as OpenAI's API. Without a command: run.");
        root.Subcommands.Add(CreateRun(context));
        root.Subcommands.Add(WorkerCommand.Create(context));
        root.Subcommands.Add(WorkerCommand.CreateAliases(context));
        root.Subcommands.Add(FederatedCommand.Create(context));
        root.Subcommands.Add(PlanCommand.Create(context));
        root.Subcommands.Add(SwarmCommand.Create(context));
        root.Subcommands.Add(DrillCommand.Create(context));
        root.Subcommands.Add(new Command("token", "Makes and reads the tokens that join machines to a swarm.")
        {
            TokenNewCommand.Create(context),
            TokenInspectCommand.Create(context),
        });
        root.Subcommands.Add(PeerCommand.Create(context));
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static Command CreateRun(CommandContext context)
    {
        var run = new Command(RunCommand.Name, "Serves a model.");
        var model = new Argument<string>(ModelArgument)
        {
            Description = $"A GGUF file; without it, the small model that ships. [env: {OptionSpec.EnvironmentName(ModelArgument)}]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        // Else a misspelt option would be taken for a file.
        model.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] option }])
            {
                result.AddError($"unknown option '{option}'");
            }
        });
        run.Arguments.Add(model);
        foreach (var option in RunOptions.All)
        {
            run.Options.Add(option.CreateOption());
        }

        run.SetAction((parsed, _) => RunCommand.RunAsync(new OptionValues(parsed, context.Environment), context));
        return run;
    }

    private static string FirstErrorOf(ParseResult parsed)
    {
        var error = parsed.Errors.FirstOrDefault(error => error.SymbolResult is ArgumentResult) ?? parsed.Errors[0];
        var command = parsed.CommandResult.Command;
        var isGroup = command.Subcommands.Any(subcommand => !subcommand.Hidden);
        return error.SymbolResult is ArgumentResult ? error.Message.TrimEnd('.')
            : parsed.UnmatchedTokens is not [var unexpected, ..]
                ? isGroup ? $"expected a command behind '{command.Name}': {NamesOf(command)}" : error.Message.TrimEnd('.')
            : !isGroup ? $"unexpected '{unexpected}'"
            : unexpected.StartsWith('-') ? $"expected a command before '{unexpected}': {NamesOf(command)}"
            : $"unknown command '{unexpected}': expected {NamesOf(command)}";
    }

    private static string NamesOf(Command group) => string.Join(", ", group.Subcommands.Where(command => !command.Hidden).Select(command => $"'{command.Name}'"));

    private static int Fail(CommandContext context, int exitCode, string message)
    {
        var line = string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        context.Error.WriteLine($"{ProgramName}: {line}");
        return exitCode;
    }
}
