using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Moves;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// A node's part in plans: it takes the streams of steps that others open, for all plans of this node, whether it is their head
/// (<see cref="StageChain"/>) or one of their workers (<see cref="StageHost"/>). One for each local peer.
/// </summary>
public sealed class StageNode : IAsyncDisposable
{
    private readonly IStreamListener _listener;
    private readonly Lock _gate = new();
    private readonly Dictionary<(PlanId Plan, int Epoch, int Stage), ExpectedLink> _expected = [];
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    // By the clock's timestamp; 0: there was none.
    private long _lastStep;
    private int _disposed;

    /// <summary>Takes streams from now on.</summary>
    /// <param name="peer">This node. Stays the caller's, and is to be disposed later than this.</param>
    /// <param name="keys">The network's.</param>
    /// <param name="options">How it works; null: the defaults.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c>: the peer has one already.</exception>
    public StageNode(ILocalPeer peer, SwarmKeys keys, StageOptions? options = null)
    {
        (Peer, Keys, Options) = (peer, keys, options ?? new());
        Own = new OwnStreams(peer.PeerId);
        Dialer = new LinkDialer(peer, keys, Options, Own);
        Metrics = new StageMetrics(Options.Meters);
        _listener = peer.Listen(StageProtocols.Id(keys, StageProtocols.Stage));
        Moves = new CacheDoor(peer, keys, Own, Options);
        _accepting = AcceptAsync();
        Own.Listen(StageProtocols.Id(keys, StageProtocols.Stage), stream => _tasks.Add(ServeAsync(new StageLink(stream))));
    }

    /// <summary>What steps have taken at the stages of this node's plans so far, as their head.</summary>
    public IReadOnlyList<StageTotals> Totals => Metrics.Totals;

    /// <summary>Whether steps go through this node, as a head's or as a worker's: what can wait is to leave them room.</summary>
    public bool IsStepping =>
        Volatile.Read(ref _lastStep) is var last && last != 0 && Options.Time.GetElapsedTime(last) < Options.StepsFollow;

    internal ILocalPeer Peer { get; }

    internal SwarmKeys Keys { get; }

    internal StageOptions Options { get; }

    internal LinkDialer Dialer { get; }

    internal OwnStreams Own { get; }

    internal StageMetrics Metrics { get; }

    internal CacheDoor Moves { get; }

    /// <summary>Streams of steps that somebody is to open.</summary>
    internal int ExpectedCount
    {
        get
        {
            lock (_gate)
            {
                return _expected.Count;
            }
        }
    }

    /// <summary>This node has computed a step itself, as a part of its own plan: no chain measures that.</summary>
    public void Computed(LayerRange layers, TimeSpan compute) => Metrics.Computed(layers, StageMetrics.Head, HopTime.Of(TimeSpan.Zero, compute));

    /// <summary>Stops taking streams and waits for what is under way. Chains and hosts are to be disposed before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Own.Close(StageProtocols.Id(Keys, StageProtocols.Stage));
        await _listener.DisposeAsync();
        await Moves.DisposeAsync();
        await _stop.CancelAsync();
        await _accepting;
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Asks a worker to hand over all layers that it has, and to leave the swarm. It does so behind the answer.</summary>
    /// <exception cref="SwarmException"><c>not_served</c>: it is no worker; and what <see cref="StageChain.StartAsync"/> throws of connections.</exception>
    public async Task DrainAsync(StagePeer worker, CancellationToken cancellationToken)
    {
        await using var link = await Dialer.OpenControlAsync(worker, cancellationToken);
        using var limit = new TimeLimit(Options.Handshake, Options.Time, cancellationToken);
        ControlCodec.Write(link.Writer, new ControlMessage.Drain());
        await link.Writer.FlushAsync(limit.Token);
        var answer = await link.ReadAsync(ControlLimits.Small, static (in frame) => ControlCodec.Read(frame, ControlLimits.Small), limit.Token);
        if (answer is not ControlMessage.Ended { Code: "draining" })
        {
            throw answer is ControlMessage.Ended refusal
                ? new SwarmException(refusal.Code, refusal.Text)
                : new SwarmException("protocol_violation", $"the worker said '{answer.GetType().Name}' when it was to leave");
        }

        await link.FinishAsync(limit.Token);
    }

    /// <summary>A step begins here, or has come here.</summary>
    internal void NoteStep() => Volatile.Write(ref _lastStep, Options.Time.GetTimestamp());

    /// <summary>No step goes through, as a stage is lost: nothing is as urgent as its weights.</summary>
    internal void NoteStandstill() => Volatile.Write(ref _lastStep, 0);

    /// <summary>From now on somebody may open a stream of steps.</summary>
    /// <exception cref="SwarmException"><c>plan_exists</c>: this node is that stage of that plan already.</exception>
    internal void Expect(ExpectedLink link)
    {
        lock (_gate)
        {
            if (!_expected.TryAdd(KeyOf(link.Target), link))
            {
                throw new SwarmException("plan_exists", $"this node is stage {link.Target.Stage} of plan {link.Target.Plan} already");
            }
        }
    }

    /// <summary>Nobody may any more.</summary>
    internal void Forget(ExpectedLink link)
    {
        lock (_gate)
        {
            var key = KeyOf(link.Target);
            if (_expected.GetValueOrDefault(key) == link)
            {
                _expected.Remove(key);
            }
        }
    }

    /// <summary>Closes a link on which the last word has been said, so that the other side hears it.</summary>
    internal async Task FinishAsync(StageLink link)
    {
        using var limit = new TimeLimit(Options.Close, Options.Time, _stop.Token);
        await link.FinishAsync(limit.Token);
        link.Abort();
        await link.DisposeAsync();
    }

    private static (PlanId Plan, int Epoch, int Stage) KeyOf(Attachment target) => (target.Plan, target.Epoch, target.Stage);

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } stream)
        {
            if (_tasks.Count < Options.Greetings)
            {
                _tasks.Add(ServeAsync(new StageLink(stream)));
            }
            else
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task ServeAsync(StageLink link)
    {
        try
        {
            using var limit = new TimeLimit(Options.Handshake, Options.Time, _stop.Token);
            await link.GreetAsync(StageProtocols.Stage, limit.Token);
            var target = await link.ReadAsync(Attachment.Limits, Attachment.Read, limit.Token);
            var refusal = Attach(target, link);
            await AnswerAsync(link, refusal, limit.Token);
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException or IOException)
        {
            // The other side is to hear this one's greeting, which says why.
            TransportLog.StreamFailed(
                Options.Logger, link.RemotePeer, StageProtocols.Stage.Protocol, StageFault.Of(exception).Code, exception.Message);
            await FinishAsync(link);
        }
    }

    private static async Task AnswerAsync(StageLink link, StageFault? refusal, CancellationToken cancellationToken)
    {
        try
        {
            Attachment.WriteAnswer(link.Writer, refusal);
            await link.Writer.FlushAsync(cancellationToken);
        }
        catch (Exception) when (refusal is null)
        {
            // The link is its taker's, who finds out.
            link.Abort();
            return;
        }

        if (refusal is not null)
        {
            throw refusal.ToException();
        }
    }

    private StageFault? Attach(Attachment target, StageLink link)
    {
        ExpectedLink? expected, other;
        lock (_gate)
        {
            expected = _expected.GetValueOrDefault(KeyOf(target));
            other = expected ?? _expected.Values.FirstOrDefault(link => link.Target.Plan == target.Plan && link.Target.Stage == target.Stage);
        }

        if (other is null || other.From != link.RemotePeer)
        {
            return new("unknown_plan", $"{link.RemotePeer} has no stream to open to stage {target.Stage} of plan {target.Plan}");
        }

        return expected is not null
            ? expected.Attach(link)
            : new("wrong_epoch", $"plan {target.Plan} is at epoch {other.Target.Epoch}; the stream is of epoch {target.Epoch}");
    }
}
