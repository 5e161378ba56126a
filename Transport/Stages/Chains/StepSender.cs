using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>
/// Sends a chain's steps to its first stage, in their order, and all of those without an answer once more in each epoch; a first stage that
/// has no sequences is told them before. One thread at a time sends.
/// </summary>
/// <param name="driver">Says what is next.</param>
/// <param name="log">What was sent and answered.</param>
/// <param name="tokensPerStep">Tokens of a step at most.</param>
/// <param name="patience">How long a step may take.</param>
internal sealed class StepSender(ChainDriver driver, BoundaryLog log, int tokensPerStep, Func<InFlightStep, TimeSpan> patience)
{
    private readonly Lock _gate = new();
    private readonly RunningTasks _sends = new();
    private bool _isSending;
    private bool _isAsked;

    /// <summary>There is something new to be sent.</summary>
    public void Send()
    {
        lock (_gate)
        {
            _isAsked = true;
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        var sending = SendAsync();
        if (!sending.IsCompleted)
        {
            _sends.Add(sending);
        }
    }

    /// <summary>Ends when nothing is being sent any more.</summary>
    public Task WhenIdleAsync() => _sends.WhenEmptyAsync();

    /// <summary>Sends what waits; in the caller's thread, as long as the first stage takes it at once.</summary>
    private async Task SendAsync()
    {
        while (TryGoOn())
        {
            while (driver.NextToSend(patience) is { Link: { } link } next)
            {
                try
                {
                    await (next.Step is { } step ? SendAsync(link, step) : ReplayAsync(link));
                }
                catch (Exception exception)
                {
                    driver.SendFailed(link, exception);
                }
            }
        }
    }

    private bool TryGoOn()
    {
        lock (_gate)
        {
            _isSending = _isAsked;
            _isAsked = false;
            return _isSending;
        }
    }

    private async ValueTask SendAsync(FirstLink link, PendingStep step)
    {
        if (step.IsUnwanted)
        {
            link.Writer.WriteFailed(step.Batch, link.Epoch, driver.Answered, StepFailure.CancelledAt(0), []);
        }
        else
        {
            link.Writer.Write(step.Batch, link.Epoch, driver.Answered, []);
        }

        step.MarkSent(link.Epoch);
        await link.Link.Writer.FlushAsync(driver.Stopping);
    }

    private async ValueTask ReplayAsync(FirstLink link)
    {
        // Nothing is answered before the steps behind it are sent: the log stays as it is.
        foreach (var step in log.Replay(tokensPerStep))
        {
            link.Writer.WriteReplay(step, link.Epoch);
            await link.Link.Writer.FlushAsync(driver.Stopping);
        }

        link.OwesReplay = false;
    }
}
