using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>run</c>: one model on one machine, behind OpenAI's API.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    /// <summary>The small model that ships, beside the program.</summary>
    public static string DefaultModel => Path.Combine(AppContext.BaseDirectory, "models", "tales.gguf");

    /// <summary>Serves until it is asked to stop.</summary>
    /// <returns>The exit code: 0 after a clean end, 130 when it was interrupted before it served.</returns>
    /// <exception cref="UsageException">An option's value is not what it expects.</exception>
    /// <exception cref="StartException">It cannot listen, or the model cannot be loaded.</exception>
    public static async Task<int> RunAsync(OptionValues values, CommandContext context)
    {
        var path = values.GetArgument(CommandLine.ModelArgument) ?? DefaultModel;
        var server = ReadServer(values, context);
        var model = ReadModel(values) with { MemoryLimit = context.MemoryLimit };
        var id = values.Get(RunOptions.ModelName);
        var head = ReadHead(values);
        MemberRun.WarnIfOpen(server, context);
        try
        {
            await ServeAsync(path, id, server, model, head, context);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task ServeAsync(
        string path, string? id, ApiServerOptions options, ModelOptions modelOptions, HeadSettings head, CommandContext context)
    {
        await using var server = ApiServer.Create(options, context.Time);
        await server.StartAsync(context.Terminated);
        await MemberRun.JoinAsync(server.Swarm, context);
        server.Plans.Model = new(path, modelOptions, head);
        var started = context.Time.GetTimestamp();
        await using var stages = CreateStages(head, server, context);
        server.Models.Stages = stages;
        await using var model = await LoadAsync(path, id, modelOptions, stages, server, context);
        ServerLog.ModelReady(server.Logger, model.Id, context.Time.GetElapsedTime(started).TotalSeconds);
        server.Models.Fill(model);
        await using (AnnounceModel(path, model, server, context))
        {
            context.Output.WriteLine($"Serving {model.Id} with a context of {model.ContextLength} tokens");
            context.Output.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
            server.WarmPages();
            await MemberRun.UntilTerminatedAsync(context);
        }

        await StopAsync(server, options);
    }

    private static ModelAnnouncer AnnounceModel(string path, IServedModel model, ApiServer server, CommandContext context) => new(
        server.Swarm,
        new ModelFacts(model.Id, "", SizeOf(path)) { Numerics = model.Numerics },
        cancellation => context.IdentifyModel(path, NodeFolders.IdentitiesIn(context.Folders.Configuration), cancellation),
        server.Logger);

    private static async Task StopAsync(ApiServer server, ApiServerOptions options)
    {
        if (options.IsInstance)
        {
            // Routers send no more, and replies under way go over the swarm: it is left when they are over.
            server.Swarm.Announce([]);
            await server.StopAsync();
        }

        // First, so that nobody sends requests any more.
        await server.Swarm.LeaveAsync();
        if (!options.IsInstance)
        {
            await server.StopAsync();
        }
    }

    private static async Task<IServedModel> LoadAsync(
        string path, string? id, ModelOptions options, IStageSource? stages, ApiServer server, CommandContext context)
    {
        try
        {
            return await LoadProgressView.RunAsync(context, Path.GetFileName(path), progress =>
                context.LoadModel(path, id, options, new OwnLoad(server.Models, progress, context.Time), server.Meters, stages, context.Terminated));
        }
        catch (Exception exception) when (exception is GgufFormatException or EngineException or IOException or UnauthorizedAccessException)
        {
            var namesFile = exception.Message.Contains(path, StringComparison.Ordinal);
            throw new StartException(namesFile ? exception.Message : $"{path}: {exception.Message}", exception);
        }
        catch (OutOfMemoryException exception)
        {
            throw new StartException($"{path}: not enough memory for this model, this context and this number of sequences", exception);
        }
    }

    /// <returns>Null: this node is in no swarm, and all layers are here.</returns>
    private static SwarmStages? CreateStages(HeadSettings settings, ApiServer server, CommandContext context)
    {
        if (server.Swarm.Current is null)
        {
            return null;
        }

        var view = new HeadStatusView(context);
        return new(
            server.Swarm,
            settings,
            context.Folders.Configuration,
            status =>
            {
                server.Models.Status = status;
                view.Show(status);
            },
            line =>
            {
                server.Journal.Add(line);
                view.Say(line);
            },
            context.Time,
            server.Logger);
    }

    private static HeadSettings ReadHead(OptionValues values) => new()
    {
        Strategy = SplitOptions.ReadAsked(values),
        Objective = values.Get(SplitOptions.Objective),
        MinWorkers = values.Get(SplitOptions.MinWorkers),
        HoldsLayers = values.Get(SplitOptions.HeadLayers),
        Wire = values.Get(SplitOptions.Wire),
        RecoveryLog = values.Get(SplitOptions.RecoveryLog),
        TakesLateWorkers = values.Get(SplitOptions.LateWorkers),
        Spares = values.Get(SplitOptions.Spares),
    };

    private static long SizeOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (Exception exception) when (exception is IOException or ArgumentException)
        {
            return 0;
        }
    }

    private static ApiServerOptions ReadServer(OptionValues values, CommandContext context)
    {
        var (isInstance, isRouter) = (values.Get(FederationOptions.Federated), values.Get(FederationOptions.Route));
        if (isRouter && !isInstance)
        {
            throw new UsageException(
                $"{FederationOptions.Route.LongName}: expected {FederationOptions.Federated.LongName}, too; "
                + $"a router without a model is '{CommandLine.ProgramName} {FederatedCommand.Name}'");
        }

        var router = FederationOptions.Read(values);
        return ReadServer(values, context, isInstance) with { IsInstance = isInstance, Router = isRouter ? router : null };
    }

    private static ApiServerOptions ReadServer(OptionValues values, CommandContext context, bool isInstance) => new()
    {
        Swarm = MemberRun.Setup(values, context, settings => settings with
        {
            Roles = RolesOf(values, isInstance),
            Device = values.Find(RunOptions.Device)?.Texts[^1] ?? RunOptions.Device.DefaultText!,
        }) with
        {
            RecoverTimeout = TimeSpan.FromSeconds(values.Get(SplitOptions.RecoverTimeout)),
        },
        Address = values.Get(RunOptions.Address)!,
        MachineTag = values.Get(FederationOptions.MachineTag),
        ShowsNode = values.Get(FederationOptions.NodeHeader),
        ApiKeys = values.GetAll(RunOptions.ApiKeys),
        IsUiPublic = values.Get(RunOptions.UiPublic),
        LogLevel = values.Get(RunOptions.Log),
    };

    private static IReadOnlyList<string> RolesOf(OptionValues values, bool isInstance) =>
        !isInstance ? [NodeRole.Head]
        : values.Get(FederationOptions.Route) ? [NodeRole.Head, NodeRole.Instance, NodeRole.Router]
        : [NodeRole.Head, NodeRole.Instance];

    private static ModelOptions ReadModel(OptionValues values) => new()
    {
        ContextLength = values.Get(RunOptions.Context),
        Threads = values.Get(RunOptions.Threads),
        Device = values.Get(RunOptions.Device),
        Kernels = values.Get(RunOptions.Kernels),
        KvType = values.Get(RunOptions.Kv),
        PrefixCache = values.Get(RunOptions.PrefixCache),
        ChatTemplate = values.Get(RunOptions.ChatTemplateFile) is { } file ? ReadTemplate(file) : null,
    };

    private static string ReadTemplate(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the chat template '{path}' cannot be read: {exception.Message}", exception);
        }
    }
}
