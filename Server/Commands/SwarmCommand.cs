using System.CommandLine;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>swarm</c>: asks and commands the node that runs on this machine.</summary>
internal static class SwarmCommand
{
    public const string PeerArgument = "PEER";

    /// <summary>One of its commands.</summary>
    /// <returns>The exit code.</returns>
    private delegate Task<int> Work(SwarmClient client, OptionValues values, CommandContext context);

    public static Command Create(CommandContext context) => new("swarm", "Asks and commands the node that runs on this machine.")
    {
        CreateStatus(context),
        Complete(new Command("watch", "Shows the members, and then what happens to them."), SwarmWatchCommand.RunAsync, context),
        CreateWith(PeerArgument, "'self', a member's id, or its name.", "drain", "Lets a worker hand its layers over to others, and leave the swarm; or this node.", DrainAsync, context),
        CreateWith(CommandLine.ModelArgument, "The model's id.", "unload", "Frees what a model takes on all members.", UnloadAsync, context),
        CreateDoctor(context),
    };

    /// <summary>All options of a command.</summary>
    public static IReadOnlyList<OptionSpec> OptionsOf(string command) => command switch
    {
        "status" => [.. SwarmClientOptions.All, SwarmClientOptions.Json],
        SwarmDoctorCommand.Name => SwarmDoctorCommand.Options,
        _ => SwarmClientOptions.All,
    };

    private static Command CreateStatus(CommandContext context) =>
        Complete(new Command("status", "Shows the members."), SwarmStatusCommand.RunAsync, context);

    private static Command CreateDoctor(CommandContext context)
    {
        var command = new Command(SwarmDoctorCommand.Name, "Finds out why nodes do not meet, and says what to do. No node need run here.");
        command.Arguments.Add(new Argument<string>(PeerArgument)
        {
            Description = "An address, or a member's id or name; without it, all of the swarm.",
            Arity = ArgumentArity.ZeroOrOne,
        });
        return Complete(command, SwarmDoctorCommand.RunAsync, context);
    }

    private static Command CreateWith(
        string argument, string argumentDescription, string name, string description, Work work, CommandContext context)
    {
        var command = new Command(name, description);
        command.Arguments.Add(new Argument<string>(argument) { Description = argumentDescription });
        return Complete(command, work, context);
    }

    private static Command Complete(Command command, Work work, CommandContext context)
    {
        foreach (var option in OptionsOf(command.Name))
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) => RunAsync(work, new OptionValues(parsed, context.Environment), context));
        return command;
    }

    private static async Task<int> RunAsync(Work work, OptionValues values, CommandContext context)
    {
        var keys = values.GetAll(SwarmClientOptions.Key);
        using var client = new SwarmClient(values.Get(SwarmClientOptions.Address)!, keys is [var first, ..] ? first : null);
        try
        {
            return await work(client, values, context);
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> DrainAsync(SwarmClient client, OptionValues values, CommandContext context)
    {
        var drained = await client.DrainAsync(values.GetArgument(PeerArgument)!, context.Terminated);
        context.Output.WriteLine(drained.State == SwarmEndpoints.Draining
            ? $"{drained.Peer} hands its layers over, then leaves the swarm"
            : $"{drained.Peer} has {drained.State} the swarm");
        return ExitCode.Success;
    }

    private static async Task<int> UnloadAsync(SwarmClient client, OptionValues values, CommandContext context)
    {
        var model = values.GetArgument(CommandLine.ModelArgument)!;
        await client.UnloadAsync(model, context.Terminated);
        context.Output.WriteLine($"{ShownText.Fit(model)} is unloaded");
        return ExitCode.Success;
    }
}
