using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>
/// The life of a standby at its head, from the offer to the end of its control stream: messages in, messages out, no sockets, no clock of
/// its own. One thread at a time.
/// </summary>
/// <param name="offer">What the worker is to fetch.</param>
/// <param name="options">How long things may take.</param>
/// <param name="output">Does what it says.</param>
internal sealed class StandbyLife(StageOffer offer, StageOptions options, IStandbyOutput output)
{
    private Pulse _pulse = new(options, TimeSpan.Zero);
    private TimeSpan _advanced;
    private bool _isOpen;

    /// <summary>Whether the worker has the weights.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Why it is over; null: it is not.</summary>
    public StageFault? Failure { get; private set; }

    /// <summary>The control stream is open.</summary>
    public void Opened(TimeSpan now)
    {
        if (Failure is null)
        {
            (_pulse, _advanced, _isOpen) = (new Pulse(options, now), now, true);
            Send(new ControlMessage.Offer(offer), now);
        }
    }

    /// <summary>The worker says something.</summary>
    public void Heard(ControlMessage message, TimeSpan now)
    {
        if (Failure is not null)
        {
            return;
        }

        _pulse.Heard(now);
        switch (message)
        {
            case ControlMessage.Heartbeat:
                break;
            case ControlMessage.Progress when !IsReady:
                _advanced = now;
                break;
            case ControlMessage.Ready when !IsReady:
                IsReady = true;
                output.Ready();
                break;
            case ControlMessage.Ended ended:
                End(new(ended.Code, ended.Text));
                break;
            default:
                End(new("protocol_violation", $"it said '{message.GetType().Name}' as a standby that is {(IsReady ? "ready" : "not ready")}"));
                break;
        }
    }

    /// <summary>The control stream is lost, or could not be opened.</summary>
    public void ControlLost(StageFault reason) => End(reason);

    public void Tick(TimeSpan now)
    {
        if (!_isOpen || Failure is not null)
        {
            return;
        }

        var (isDue, silence) = _pulse.Tick(now);
        if (silence >= options.HeartbeatLimit)
        {
            End(new("silence", $"it has said nothing for {silence.TotalSeconds:0.0} s"));
        }
        else if (!IsReady && now - _advanced >= options.LoadSilence)
        {
            End(new("load_stalled", $"it has not said how far its load is for {options.LoadSilence.TotalSeconds} s"));
        }
        else if (isDue)
        {
            Send(new ControlMessage.Heartbeat(), now);
        }
    }

    /// <summary>The head wants no more.</summary>
    public void Close() => End(new("standby_closed", "the weights need not be kept any more"));

    private void End(StageFault reason)
    {
        if (Failure is not null)
        {
            return;
        }

        Failure = reason;
        if (_isOpen)
        {
            // Also where the worker has ended it: it waits for this word.
            output.Send(new ControlMessage.Unload());
        }

        output.Over(reason);
    }

    private void Send(ControlMessage message, TimeSpan now)
    {
        _pulse.Said(now);
        output.Send(message);
    }
}
