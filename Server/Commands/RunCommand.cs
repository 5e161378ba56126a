using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Serving;
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
        var request = new ModelRequest(
            values.GetArgument(CommandLine.ModelArgument) ?? DefaultModel,
            values.Get(RunOptions.ModelName),
            ReadModel(values) with { MemoryLimit = context.MemoryLimit },
            ReadHead(values));
        var server = ReadServer(values, context) with { Models = SetupOf(request, values, context) };
        MemberRun.WarnIfOpen(server, context);
        try
        {
            await ServeAsync(request, server, context);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task ServeAsync(ModelRequest request, ApiServerOptions options, CommandContext context)
    {
        await using var server = ApiServer.Create(options, context.Time);
        await server.StartAsync(context.Terminated);
        await MemberRun.JoinAsync(server.Swarm, context);
        await LoadAsync(request, server, context);
        context.Output.WriteLine($"Listening on {server.Address.GetLeftPart(UriPartial.Authority)}");
        await MemberRun.UntilTerminatedAsync(context);
        await StopAsync(server, options);
    }

    private static async Task LoadAsync(ModelRequest request, ApiServer server, CommandContext context)
    {
        var started = context.Time.GetTimestamp();
        try
        {
            var model = await LoadProgressView.RunAsync(
                context, Path.GetFileName(request.Path), progress => server.Serving.LoadAsync(request, progress, context.Terminated));
            ServerLog.ModelReady(server.Logger, model.Id, context.Time.GetElapsedTime(started).TotalSeconds);
            context.Output.WriteLine($"Serving {model.Id} with a context of {model.ContextLength} tokens");
        }
        catch (OperationCanceledException) when (!context.Terminated.IsCancellationRequested)
        {
            context.Error.WriteLine($"Loading {request.Name} was given up on a page or by the API; another model can be loaded there");
        }
    }

    private static async Task StopAsync(ApiServer server, ApiServerOptions options)
    {
        await server.Serving.WithdrawAsync();
        if (options.IsInstance)
        {
            // Routers send no more, and replies under way go over the swarm: it is left when they are over.
            await server.StopAsync();
        }

        // First, so that nobody sends requests any more.
        await server.Swarm.LeaveAsync();
        if (!options.IsInstance)
        {
            await server.StopAsync();
        }
    }

    private static ModelSetup SetupOf(ModelRequest first, OptionValues values, CommandContext context)
    {
        var view = new HeadStatusView(context);
        return new()
        {
            Load = context.LoadModel,
            Identify = context.IdentifyModel,
            Catalog = new(first, values.GetAll(RunOptions.ModelsDir)),
            Show = view.Show,
            Say = view.Say,
        };
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
