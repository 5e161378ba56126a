using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Links;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>
/// One epoch of a worker's stage: it reads steps from the stage before while it computes on a thread of its own, which then sends them on
/// itself.
/// </summary>
internal sealed class StageRun : IAsyncDisposable
{
    private readonly StageRunner _runner;
    private readonly StageLinks _links;
    private readonly StageOptions _options;
    private readonly Action<int, int, StageFault> _lost;
    private readonly StepComputer _computer;
    private readonly StepQueue _queue;
    private readonly StepCanceller _canceller;
    private readonly StepFrameReader _frames;
    private readonly FrameLimits _limits;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _computed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private StageLink? _previous;
    private StageLink? _next;
    private Task _reading = Task.CompletedTask;
    private Thread? _thread;

    /// <param name="runner">Whose epoch it is.</param>
    /// <param name="links">The stage's place in it.</param>
    /// <param name="lost">Is told of which epoch and which stage's stream is lost, and why; must not wait.</param>
    public StageRun(StageRunner runner, StageLinks links, Action<int, int, StageFault> lost)
    {
        var offer = runner.Offer;
        (_runner, _links, _options, _lost) = (runner, links, runner.Options, lost);
        _limits = FrameLimits.ForSteps(offer.TokensPerStep, offer.HiddenSize, offer.Wire);
        _queue = new StepQueue(offer.QueuedSteps);
        _canceller = new StepCanceller(links.Epoch);
        _computer = runner.CreateComputer(links, _canceller);
        _frames = new StepFrameReader(offer.HiddenSize, offer.Wire, _limits);
    }

    /// <summary>Steps come from here.</summary>
    public void UsePrevious(StageLink link)
    {
        _previous = link;
        _reading = ReadAsync(link);
    }

    /// <summary>Steps go on here: from now on they are computed.</summary>
    public void UseNext(StageLink link)
    {
        _next = link;
        _thread = new Thread(() => Compute(link)) { IsBackground = true, Name = $"layers {_runner.Layers}" };
        _thread.Start();
    }

    /// <summary>A step is not wanted any more.</summary>
    public void Cancel(long step) => _canceller.Cancel(step);

    /// <summary>No step is wanted any more, the one that is computed neither.</summary>
    public void Close() => _canceller.Close();

    /// <summary>Waits for the step that is computed, resets both streams, and waits until nothing uses the stage any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _stop.CancelAsync();
        _previous?.Abort();
        _next?.Abort();
        await _reading;
        if (_thread is not null)
        {
            await _computed.Task;
        }

        foreach (var link in (StageLink?[])[_previous, _next])
        {
            await (link?.DisposeAsync() ?? default);
        }

        _queue.Dispose();
        _canceller.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(StageLink link)
    {
        try
        {
            while (true)
            {
                var step = await _queue.RentAsync(_stop.Token);
                try
                {
                    await ReadAsync(link, step);
                }
                catch
                {
                    _queue.Return(step);
                    throw;
                }

                _queue.Put(step);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The epoch is over.
        }
        catch (Exception exception)
        {
            _lost(_links.Epoch, _links.Stage == 0 ? _links.StageCount : _links.Stage - 1, StageFault.Of(exception));
        }
    }

    private async ValueTask ReadAsync(StageLink link, StageStep step)
    {
        var frame = await link.Reader.ReadAsync(_limits, _stop.Token);
        if (frame.IsEmpty)
        {
            throw new SwarmException("stream_closed", "the stream of steps was closed");
        }

        try
        {
            step.Read(_frames, frame);
        }
        finally
        {
            link.Reader.Advance();
        }

        StagePass.Accept(step, _links, _canceller);
        step.Arrived = _options.Time.GetTimestamp();
        _runner.NoteStep();
    }

    /// <summary>The thread's whole life.</summary>
    private void Compute(StageLink link)
    {
        try
        {
            var pass = new StagePass(_runner, _links, _computer, new StepFrameWriter(link.Writer, _runner.Offer.Wire));
            foreach (var _ in pass.TellNext())
            {
                Flush(link.Writer);
            }

            while (_queue.Take() is { } step)
            {
                try
                {
                    pass.Pass(step, _stop.Token);
                    Flush(link.Writer);
                }
                finally
                {
                    _queue.Return(step);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The epoch is over.
        }
        catch (Exception exception)
        {
            _lost(_links.Epoch, _links.Stage + 1, StageFault.Of(exception));
        }
        finally
        {
            _computed.SetResult();
        }
    }

    /// <summary>Blocks while the next stage takes nothing: this thread has nothing better to do.</summary>
    private void Flush(FrameWriter writer)
    {
        var flush = writer.FlushAsync(_stop.Token);
        if (flush.IsCompleted)
        {
            flush.GetAwaiter().GetResult();
        }
        else
        {
            flush.AsTask().GetAwaiter().GetResult();
        }
    }
}
