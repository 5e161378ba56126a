using System.CommandLine;
using System.Net;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>worker</c>: a member of a swarm without a model of its own, there for the models of others.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";

    public static Command Create(CommandContext context)
    {
        var command = new Command(Name, "Joins a swarm, without a model, to help others with theirs.");
        foreach (var option in WorkerOptions.All)
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) => RunAsync(new OptionValues(parsed, context.Environment), context));
        return command;
    }

    /// <summary>Is a member until it is asked to stop.</summary>
    /// <returns>The exit code: 0 after a clean end, 130 when it was interrupted before it was a member.</returns>
    /// <exception cref="UsageException">An option's value is not what it expects, or there is no token.</exception>
    /// <exception cref="StartException">It cannot listen or join.</exception>
    private static async Task<int> RunAsync(OptionValues values, CommandContext context)
    {
        var address = values.Get(WorkerOptions.Address);
        var options = new ApiServerOptions
        {
            // Nothing listens there unless it was asked for.
            Address = address ?? new ListenAddress(IPAddress.Loopback, 0),
            ServesModels = false,
            ApiKeys = values.GetAll(RunOptions.ApiKeys),
            LogLevel = values.Get(RunOptions.Log),
            Swarm = MemberRun.Setup(values, context, settings => settings with { Roles = [NodeRole.Worker] }),
        };
        if (!options.Swarm.Settings.IsOn)
        {
            throw new UsageException(
                $"expected the swarm's token: {SwarmCommandOptions.Token.LongName} {SwarmCommandOptions.Token.ValueName} or "
                + $"{SwarmCommandOptions.Token.EnvironmentVariable}, or {SwarmCommandOptions.P2p.LongName} to begin a new swarm");
        }

        try
        {
            await ServeAsync(options, isServed: address is not null, context);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task ServeAsync(ApiServerOptions options, bool isServed, CommandContext context)
    {
        await using var server = ApiServer.Create(options, context.Time);
        if (isServed)
        {
            MemberRun.WarnIfOpen(options, context);
            await server.StartAsync(context.Terminated);
        }

        await MemberRun.JoinAsync(server.Swarm, context);
        if (isServed)
        {
            context.Output.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
        }

        await MemberRun.UntilTerminatedAsync(context);
        await server.Swarm.LeaveAsync();
        if (isServed)
        {
            await server.StopAsync();
        }
    }
}
