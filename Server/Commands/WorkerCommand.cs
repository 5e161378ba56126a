using System.CommandLine;
using System.Net;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Workers;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>worker</c>: a member of a swarm without a model of its own, there for the models of others.</summary>
internal static class WorkerCommand
{
    public const string Name = "worker";

    // LocalAI's names: 'worker p2p-llama-cpp-rpc', formerly 'p2p-worker p2p-llama-cpp-rpc'.
    private const string LocalAiName = "p2p-llama-cpp-rpc";
    private const string LocalAiGroup = "p2p-worker";

    public static Command Create(CommandContext context)
    {
        var command = Create(Name, context, isForeign: false);
        command.Subcommands.Add(CreateAlias(context));
        return command;
    }

    /// <summary>The group under which LocalAI once had its workers.</summary>
    public static Command CreateAliases(CommandContext context) => new(LocalAiGroup, $"LocalAI's older name for '{Name}'.")
    {
        Hidden = true,
        Subcommands = { CreateAlias(context) },
    };

    private static Command CreateAlias(CommandContext context)
    {
        var command = Create(LocalAiName, context, isForeign: true);
        command.Hidden = true;
        return command;
    }

    private static Command Create(string name, CommandContext context, bool isForeign)
    {
        var command = new Command(name, "Joins a swarm, without a model of its own, and takes layers of others' models.");
        foreach (var option in WorkerOptions.All)
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) =>
        {
            if (isForeign)
            {
                context.Error.WriteLine($"'{name}' is a {CommandLine.ProgramName} worker here: llama.cpp's own RPC workers are not spoken to");
            }

            return RunAsync(new OptionValues(parsed, context.Environment), context);
        });
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
            ApiKeys = values.GetAll(RunOptions.ApiKeys),
            IsUiPublic = values.Get(RunOptions.UiPublic),
            LogLevel = values.Get(RunOptions.Log),
            Swarm = MemberRun.Setup(values, context, settings => AsWorker(settings, values)) with { Worker = ReadWorker(values) },
        };
        MemberRun.RequireSwarm(options.Swarm);
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

    private static SwarmSettings AsWorker(SwarmSettings settings, OptionValues values) => settings with
    {
        Roles = [NodeRole.Worker],
        Device = values.Find(RunOptions.Device)?.Texts[^1] ?? RunOptions.Device.DefaultText!,
    };

    private static WorkerSettings ReadWorker(OptionValues values) => new()
    {
        MemoryLimit = values.Find(WorkerOptions.Memory) is null ? null : values.Get(WorkerOptions.Memory),
        Threads = values.Get(RunOptions.Threads),
        Device = values.Get(RunOptions.Device),
        CacheFolder = values.Get(WorkerOptions.CacheFolder) ?? NodeFolders.WeightsOfUser(),
        CacheLimit = values.Find(WorkerOptions.CacheLimit) is null ? long.MaxValue : values.Get(WorkerOptions.CacheLimit),
        OwnFiles = values.GetAll(WorkerOptions.OwnFiles),
        DrainTimeout = TimeSpan.FromSeconds(values.Get(WorkerOptions.DrainTimeout)),
    };

    private static async Task DrainAsync(SwarmService swarm, CommandContext context)
    {
        if (swarm.Stages?.Host is not { Layers.Count: > 0 })
        {
            return;
        }

        context.Output.WriteLine("Handing layers over to other nodes; Ctrl-C once more leaves at once");
        context.Output.WriteLine(await swarm.HandOverAsync() ? "All layers are handed over" : "Leaving without having handed all layers over");
    }

    private static async Task ServeAsync(ApiServerOptions options, bool isServed, CommandContext context)
    {
        await using var server = ApiServer.Create(options, context.Time);
        if (isServed)
        {
            MemberRun.WarnIfOpen(options, context);
            await server.StartAsync(context.Terminated);
        }

        await using var view = new WorkerStagesView(server.Swarm, context);
        await MemberRun.JoinAsync(server.Swarm, context);
        if (isServed)
        {
            context.Output.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
        }

        // By Ctrl-C and SIGTERM, or by another member that asks for it.
        await Task.WhenAny(MemberRun.UntilTerminatedAsync(context), server.Swarm.Drained);
        await DrainAsync(server.Swarm, context);
        await server.Swarm.LeaveAsync();
        if (isServed)
        {
            await server.StopAsync();
        }
    }
}
