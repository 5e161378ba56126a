using System.Threading.Channels;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages;
using ChainStage = ManagedSwarm.Transport.Stages.StageAssignment;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Takes workers in that come when a model is split already: where that pays, they get some of the others' layers, between two steps.</summary>
internal sealed class LateWorkers : IAsyncDisposable
{
    /// <summary>So long it waits at most for what those that come say of themselves: how fast they are is measured when they have come.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Others may come at the same time.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    private readonly SwarmService _swarm;
    private readonly Func<BuiltStages?> _current;
    private readonly Func<SplitProblem?> _problem;
    private readonly Func<NodeRange, ChainStage> _assign;
    private readonly HeadSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <summary>Looks from now on.</summary>
    /// <param name="swarm">This node's membership.</param>
    /// <param name="current">The stages as they are; null: some are lost.</param>
    /// <param name="problem">What members and their memory mean for a plan now; null: this node is in no swarm.</param>
    /// <param name="assign">Says what a member needs to know to have a range of layers.</param>
    /// <param name="settings">What the user asked for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what moves.</param>
    public LateWorkers(
        SwarmService swarm,
        Func<BuiltStages?> current,
        Func<SplitProblem?> problem,
        Func<NodeRange, ChainStage> assign,
        HeadSettings settings,
        TimeProvider time,
        ILogger logger)
    {
        (_swarm, _current, _problem, _assign, _settings, _time, _logger) = (swarm, current, problem, assign, settings, time, logger);
        swarm.Happened += OnHappened;
        _running = RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _swarm.Happened -= OnHappened;
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    /// <summary>The problem of placing the layers of one chain, and those alone: the head's own stay.</summary>
    /// <param name="whole">That of the whole model, with what nodes have free beside their layers.</param>
    /// <param name="layers">Of the chain.</param>
    /// <param name="held">What each node's stages of it take.</param>
    public static SplitProblem Of(SplitProblem whole, LayerRange layers, IReadOnlyDictionary<string, long> held) => whole with
    {
        Shape = whole.Shape with
        {
            LayerWeightBytes = [.. whole.Shape.LayerWeightBytes.Skip(layers.First).Take(layers.Count)],
            LayerFileBytes = [.. whole.Shape.LayerFileBytes.Skip(layers.First).Take(layers.Count)],
        },
        Nodes = [.. whole.Nodes.Select(node => node with { FreeMemory = node.FreeMemory + held.GetValueOrDefault(node.Id) })],
        HeadHoldsLayers = false,
        MinWorkers = 0,
    };

    private void OnHappened(SwarmEvent change)
    {
        if (change is { Kind: SwarmEventKind.Joined or SwarmEventKind.Returned or SwarmEventKind.Updated, Member: { IsSelf: false } member } && IsNew(member))
        {
            _news.Writer.TryWrite(true);
        }
    }

    private bool IsNew(SwarmMember member) =>
        member.Facts.Roles.Contains(NodeRole.Worker) && _current()?.Places.Any(place => place.NodeId == member.Id.ToString()) == false;

    private async Task RunAsync()
    {
        try
        {
            await foreach (var _ in _news.Reader.ReadAllAsync(_stop.Token))
            {
                await KnowAsync();
                await TakeInAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // As wished.
        }
    }

    private async Task KnowAsync()
    {
        var began = _time.GetTimestamp();
        do
        {
            await Task.Delay(Look, _time, _stop.Token);
        }
        while (IsMeasuring() && _time.GetElapsedTime(began) < Quiet);
    }

    /// <summary>Whether somebody who has come has not said how fast it is.</summary>
    private bool IsMeasuring() => _swarm.Current?.Members.Any(
        member => member is { IsSelf: false, State: MemberState.Alive, Facts.MemoryBandwidth: not > 0 } && IsNew(member)) == true;

    /// <summary>Whatever goes wrong, all is as before: what is said of it is all that can be done.</summary>
    private async Task TakeInAsync()
    {
        try
        {
            if (_current() is { Chains: [var chain] } && !chain.Over.IsCompleted && Find(chain) is { } places)
            {
                ServerLog.Rearranging(_logger, string.Join(", ", places.Select(place => $"{place.Layers} on {place.Node}")));
                if (!await chain.RearrangeAsync(places, _stop.Token))
                {
                    // A loss is made good just now, perhaps with the new one's help.
                    _news.Writer.TryWrite(true);
                }
            }
        }
        catch (SwarmException exception)
        {
            ServerLog.NotRearranged(_logger, exception.Code, exception.Message);
        }
        catch (Exception exception) when (exception is EngineException or GgufFormatException or IOException)
        {
            ServerLog.NotRearranged(_logger, (exception as EngineException)?.Code ?? "unreadable_file", exception.Message);
        }
    }

    private ChainStage[]? Find(StageChain chain)
    {
        if (_problem() is not { } whole || IdleWorkers(whole, chain) <= _settings.Spares)
        {
            return null;
        }

        var held = chain.Stages.Zip(chain.Statistics, (stage, measured) => (Id: stage.Worker.Id.ToString(), measured.MemoryBytes))
            .GroupBy(stage => stage.Id, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(stage => stage.MemoryBytes), StringComparer.Ordinal);
        var first = chain.Layers.First;
        var choice = Rearrangement.Find(
            Of(whole, chain.Layers, held),
            [.. chain.Stages.Select(stage => new NodeRange(stage.Worker.Id.ToString(), Moved(stage.Layers, -first)))],
            _settings.Strategy ?? SplitStrategies.Default,
            whole.Nodes.ToDictionary(node => node.Id, node => node.FreeMemory, StringComparer.Ordinal));
        if (choice.Reason is { } reason)
        {
            ServerLog.StaysArranged(_logger, reason);
        }

        return choice.Ranges is { } ranges ? [.. ranges.Select(range => _assign(range with { Layers = Moved(range.Layers, first) }))] : null;
    }

    private static int IdleWorkers(SplitProblem problem, StageChain chain) => problem.Nodes.Count(
        node => !node.IsHead && chain.Stages.All(stage => stage.Worker.Id.ToString() != node.Id));

    private static LayerRange Moved(LayerRange layers, int by) => new(layers.First + by, layers.Count);
}
