using System.CommandLine;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>federated</c>: one address for all instances of a swarm. It has no model, and needs no GPU.</summary>
internal static class FederatedCommand
{
    public const string Name = "federated";

    /// <summary>All options, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Options =
        [RunOptions.Address, RunOptions.ApiKeys, RunOptions.UiPublic, .. FederationOptions.Router, RunOptions.Log, .. SwarmCommandOptions.All];

    public static Command Create(CommandContext context)
    {
        var command = new Command(Name, "Joins a swarm and sends requests on to its instances: machines that run a model with --federated.");
        foreach (var option in Options)
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) => RunAsync(new OptionValues(parsed, context.Environment), context));
        return command;
    }

    /// <summary>Routes until it is asked to stop.</summary>
    /// <returns>The exit code: 0 after a clean end, 130 when it was interrupted before it was a member.</returns>
    /// <exception cref="UsageException">An option's value is not what it expects, or there is no token.</exception>
    /// <exception cref="StartException">It cannot listen or join.</exception>
    private static async Task<int> RunAsync(OptionValues values, CommandContext context)
    {
        var options = new ApiServerOptions
        {
            Address = values.Get(RunOptions.Address)!,
            Router = FederationOptions.Read(values),
            MachineTag = values.Get(FederationOptions.MachineTag),
            ShowsNode = values.Get(FederationOptions.NodeHeader),
            ApiKeys = values.GetAll(RunOptions.ApiKeys),
            IsUiPublic = values.Get(RunOptions.UiPublic),
            LogLevel = values.Get(RunOptions.Log),
            Swarm = MemberRun.Setup(values, context, settings => settings with { Roles = [NodeRole.Router] }),
        };
        MemberRun.RequireSwarm(options.Swarm);
        MemberRun.WarnIfOpen(options, context);
        try
        {
            await ServeAsync(options, context);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task ServeAsync(ApiServerOptions options, CommandContext context)
    {
        await using var server = ApiServer.Create(options, context.Time);
        await server.StartAsync(context.Terminated);
        await MemberRun.JoinAsync(server.Swarm, context);
        context.Output.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
        await MemberRun.UntilTerminatedAsync(context);
        // Replies under way come over the swarm.
        await server.StopAsync();
        await server.Swarm.LeaveAsync();
    }
}
