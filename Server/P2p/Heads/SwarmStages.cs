using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Facts;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Places a model's layers on the members of the swarm, waits for those that are needed, and places them anew when one is lost.</summary>
/// <param name="swarm">This node's membership.</param>
/// <param name="settings">What the user asked for.</param>
/// <param name="folder">Where is remembered what is known of files.</param>
/// <param name="report">Told how far it is.</param>
/// <param name="say">Told what else users should read: a line.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears what is lost.</param>
internal sealed class SwarmStages(
    SwarmService swarm, HeadSettings settings, string folder, Action<HeadStatus> report, Action<string> say, TimeProvider time, ILogger logger)
    : IStageSource, IModelStages, IAsyncDisposable
{
    // A worker that refuses may have room soon; one that is lost may be back.
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(2);

    private readonly PlanWait _wait = new(swarm, settings, time);
    private SplitPlan? _plan;
    private IDisposable? _serving;
    private RunRecorder? _recorder;
    private StageHost? _host;
    private SpareKeeper? _spares;

    /// <summary>The stages as they are; null: all are here, or none is ready.</summary>
    public SplitModel? Model { get; private set; }

    public bool AreKept => Model?.Current is not null;

    public IReadOnlyList<StageWork> Work => Model?.Current is { } current && swarm is { Current: { } joined, Stages.Node: { } node }
        ? StageWorkView.Of(current.Places, node.Totals, joined.Members)
        : [];

    public SplitBody? Split => Model?.Current is { } current && swarm.Current is { } joined
        ? SplitView.Of(current, settings.Wire, _recorder?.LatestOf(current), joined.Members, _spares?.Spares ?? [])
        : null;

    private ISwarm Joined => swarm.Current ?? throw new SwarmException("p2p_off", "this node is in no swarm");

    public void Measured(ReplyMeasurement reply)
    {
        if (Model?.Current is { } current)
        {
            _recorder?.Add(current, reply);
        }
    }

    public async ValueTask<IReadOnlyList<LayerRange>> PlanAsync(StageRequest request, CancellationToken cancellationToken)
    {
        _plan = await MakePlanAsync(request, cancellationToken);
        var self = swarm.Current?.Self.ToString();
        return [.. _plan.Stages.Where(stage => stage.NodeId == self).Select(stage => stage.Layers)];
    }

    public async Task<IStage> CreateAsync(StageRequest request, IDevice device, LoadMonitor monitor, CancellationToken cancellationToken)
    {
        var layers = new LayerRange(0, request.Weights.Config.LayerCount);
        if (_plan is { Stages: [var only] } && only.NodeId == swarm.Current?.Self.ToString())
        {
            report(HeadStatus.Ready);
            return await Task.Run(() => device.CreateStage(request.Weights, layers, request.KvCache, monitor), cancellationToken);
        }

        var bytes = await ModelBytes.ReadAsync(request.File, folder, cancellationToken);
        _serving = swarm.Stages?.Weights.Serve(request.File, bytes.Pieces);
        _recorder = new(NodeFolders.MeasuredIn(folder), bytes.Hash, SplitView.NameOf(settings.Wire), time);
        ListenToItself(request, device, bytes.Hash);
        var first = await BuildAsync(request, bytes, device, monitor, _plan, cancellationToken);
        Model = new SplitModel(layers, first, (reason, cancellation) => RebuildAsync(request, bytes, device, reason, cancellation));
        _spares = KeepSpares(Model, request, bytes);
        Model.Companions = [.. new IAsyncDisposable?[] { TakeLateWorkersIn(Model, request, bytes), _spares }.OfType<IAsyncDisposable>()];
        return Model;
    }

    public async ValueTask DisposeAsync()
    {
        await (_host?.DisposeAsync() ?? default);
        _serving?.Dispose();
        _recorder?.Dispose();
    }

    /// <returns>Null: where the user has said who has what, that is so.</returns>
    private LateWorkers? TakeLateWorkersIn(SplitModel model, StageRequest request, ModelBytes bytes) =>
        settings.TakesLateWorkers && settings.Strategy is not ManualStrategy
            ? new(swarm, () => model.Current, ProblemOf(request), place => CreateBuilder(Joined, request, bytes).StageOf(place), settings, time, logger)
            : null;

    /// <summary>Where a worker is lost, this node may have to be one of its own.</summary>
    private void ListenToItself(StageRequest request, IDevice device, string hash)
    {
        if (settings.HoldsLayers && swarm is { Current: { } joined, Stages: { Host: null, Node: { } node } })
        {
            _host = new StageHost(node, new OwnStageLoader(request, device, hash), new() { MemoryLimit = FreeMemory(request), OnlyHead = joined.Self });
        }
    }

    /// <summary>Whatever goes wrong, it is tried again: nobody is there to be told but those who ask for replies.</summary>
    private async Task<BuiltStages> RebuildAsync(
        StageRequest request, ModelBytes bytes, IDevice device, string reason, CancellationToken cancellationToken)
    {
        while (true)
        {
            report(new(HeadState.Waiting, null, null, null, reason));
            try
            {
                return await BuildAsync(request, bytes, device, LoadMonitor.Silent, null, cancellationToken);
            }
            catch (Exception exception) when (exception is EngineException or GgufFormatException or IOException)
            {
                ServerLog.SplitFailed(logger, (exception as EngineException)?.Code ?? "unreadable_file", exception.Message);
                reason = exception.Message;
            }

            await Task.Delay(RetryInterval, time, cancellationToken);
        }
    }

    /// <summary>Tries until it is done: nodes come and go.</summary>
    private async Task<BuiltStages> BuildAsync(
        StageRequest request, ModelBytes bytes, IDevice device, LoadMonitor monitor, SplitPlan? plan, CancellationToken cancellationToken)
    {
        while (true)
        {
            plan ??= await MakePlanAsync(request, cancellationToken);
            try
            {
                var (status, builder) = (new LoadStatus(report), CreateBuilder(Joined, request, bytes));
                var built = await builder.BuildAsync(plan, CreatePlaces(builder, request), device, monitor, status, cancellationToken);
                foreach (var warning in built.Chains.SelectMany(chain => chain.Warnings))
                {
                    ServerLog.SplitWarning(logger, warning);
                }

                status.Ready();
                return built;
            }
            catch (SwarmException exception)
            {
                ServerLog.SplitFailed(logger, exception.Code, exception.Message);
                report(new(HeadState.Waiting, null, null, null, exception.Message));
            }

            plan = null;
            await Task.Delay(RetryInterval, time, cancellationToken);
        }
    }

    private MemberPlaces CreatePlaces(StageBuilder builder, StageRequest request) => new(
        swarm,
        ProblemOf(request),
        builder.StageOf,
        (member, layers) => _spares?.IsReady(member.Id, layers) == true || builder.Holds(member, layers),
        time);

    private Func<SplitProblem?> ProblemOf(StageRequest request)
    {
        var shape = ShapeOf(request);
        return () => swarm.Current is { } current
            ? SwarmProblem.Of(current, shape, settings, FreeMemory(request), request.ContextLength, _wait.Speeds)
            : null;
    }

    private StageBuilder CreateBuilder(ISwarm joined, StageRequest request, ModelBytes bytes) =>
        new(joined, swarm.Stages!.Node, request, bytes, settings, time);

    /// <returns>Null: none is asked for.</returns>
    private SpareKeeper? KeepSpares(SplitModel model, StageRequest request, ModelBytes bytes) => settings.Spares == 0 ? null : new(
        swarm,
        settings.Spares,
        () => model.Current?.Places,
        (member, layers) => CreateBuilder(Joined, request, bytes).StartSpare(member, layers),
        line =>
        {
            ServerLog.SpareChanged(logger, line);
            say(line);
        },
        time);

    private static long FreeMemory(StageRequest request) => Math.Min(request.Options.MemoryLimit, HostMemory.Measure().Free);

    private ModelShape ShapeOf(StageRequest request)
    {
        var shape = ModelShapeFile.Of(request.File.ModelName, request.Weights, request.Options);
        var logged = settings.LoggedTokensOf(request.KvCache.CapacityTokens, shape.HiddenSize);
        return shape with { WorkspaceBytes = shape.WorkspaceBytes + (logged * HiddenStates.BytesPerToken(settings.Wire, shape.HiddenSize)) };
    }

    private Task<SplitPlan> MakePlanAsync(StageRequest request, CancellationToken cancellationToken)
    {
        var shape = ShapeOf(request);
        var hash = new ModelIdentityCache(NodeFolders.IdentitiesIn(folder)).Find(request.File)?.Hash;
        _wait.Speeds = MeasuredRuns.SpeedsOf(MeasuredRuns.Read(NodeFolders.MeasuredIn(folder)), hash);
        return _wait.UntilPlannedAsync(
            shape,
            () => FreeMemory(request),
            request.ContextLength,
            reason => report(new(HeadState.Waiting, null, null, null, reason)),
            cancellationToken);
    }
}
