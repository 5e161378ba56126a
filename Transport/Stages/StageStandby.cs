using ManagedSwarm.Transport.Stages.Control;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// Layers whose weights a worker fetches and keeps, so that it could have them soon; it computes nothing, and gives no memory for them. Safe
/// for use by many threads.
/// </summary>
public sealed class StageStandby : IStandbyOutput, IAsyncDisposable
{
    private readonly StageNode _node;
    private readonly Lock _gate = new();
    private readonly StandbyLife _life;
    private readonly long _start;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _running;
    private ControlLink? _control;
    private int _disposed;

    /// <summary>Asks the worker from now on.</summary>
    /// <param name="node">This node's part in plans. Stays the caller's, and is to be disposed later than this.</param>
    /// <param name="worker">Who.</param>
    /// <param name="offer">What it is to fetch: <see cref="StageOffer.IsStandby"/>.</param>
    public StageStandby(StageNode node, StagePeer worker, StageOffer offer)
    {
        if (!offer.IsStandby)
        {
            throw new ArgumentException("the offer is one of layers, not of their weights alone", nameof(offer));
        }

        OfferRules.Check(offer);
        (_node, _start) = (node, node.Options.Time.GetTimestamp());
        _life = new StandbyLife(offer, node.Options, this);
        _running = Task.Run(() => RunAsync(worker));
    }

    /// <summary>Ends when the worker has the weights; never where it is over before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Ends when it is over, never with an exception.</summary>
    public Task Over => _over.Task;

    /// <summary>Why it is over; null: it is not.</summary>
    public SwarmException? Failure
    {
        get
        {
            lock (_gate)
            {
                return _life.Failure?.ToException();
            }
        }
    }

    /// <summary>Lets the worker forget it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Do((life, _) => life.Close());
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    void IStandbyOutput.Send(ControlMessage message) => _control!.Post(message);

    void IStandbyOutput.Ready() => _ready.TrySetResult();

    void IStandbyOutput.Over(StageFault reason) => _over.TrySetResult();

    private void Do(Action<StandbyLife, TimeSpan> tell)
    {
        lock (_gate)
        {
            tell(_life, _node.Options.Time.GetElapsedTime(_start));
        }
    }

    private async Task RunAsync(StagePeer worker)
    {
        try
        {
            _control = new ControlLink(await _node.Dialer.OpenControlAsync(worker, _stop.Token), _node.Options);
        }
        catch (Exception exception)
        {
            var reason = StageFault.Of(exception);
            Do((life, _) => life.ControlLost(reason));
            return;
        }

        var interval = Pulse.TickInterval(_node.Options);
        await using (_node.Options.Time.CreateTimer(_ => Do((life, now) => life.Tick(now)), null, interval, interval))
        {
            _control.Start(message => Do((life, now) => life.Heard(message, now)), reason => Do((life, _) => life.ControlLost(reason)));
            Do((life, now) => life.Opened(now));
            await Over;
        }

        await _control.CloseAsync();
    }
}
