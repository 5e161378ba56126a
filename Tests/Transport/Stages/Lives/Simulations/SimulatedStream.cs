using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>A stream between two nodes: messages are late, but in order and whole, until it is reset.</summary>
/// <param name="simulation">Its clock, and how late.</param>
/// <param name="dialerLost">Told at the dialer's end when it is reset.</param>
/// <param name="listenerLost">The same at the other end.</param>
internal sealed class SimulatedStream(Simulation simulation, Action<StageFault> dialerLost, Action<StageFault> listenerLost)
{
    private static readonly StageFault Reset = new("stream_reset", "the stream was reset");

    // By direction: when the last message arrives.
    private readonly TimeSpan[] _last = new TimeSpan[2];
    private bool _isReset;
    private bool _isStuck;

    /// <summary>Sends a message.</summary>
    /// <param name="fromDialer">In which direction.</param>
    /// <param name="deliver">What it does at the other end.</param>
    public void Send(bool fromDialer, Action deliver)
    {
        if (_isReset || _isStuck)
        {
            return;
        }

        var (time, random) = (simulation.Time, simulation.Random);
        ref var last = ref _last[fromDialer ? 0 : 1];
        var at = time.Now + TimeSpan.FromMilliseconds(random.NextDouble() * (random.Next(20) == 0 ? 200 : 5));
        last = at > last ? at : last;
        time.After(last - time.Now, () =>
        {
            if (!_isReset && !_isStuck)
            {
                simulation.CountMessage();
            }

            if (!_isReset && !_isStuck)
            {
                deliver();
            }
        });
    }

    /// <summary>Breaks it: what is under way is lost, and both ends hear of it, each in its time.</summary>
    public void Break()
    {
        if (_isReset)
        {
            return;
        }

        _isReset = true;
        simulation.Time.After(TimeSpan.FromMilliseconds(simulation.Random.Next(50)), () => dialerLost(Reset));
        simulation.Time.After(TimeSpan.FromMilliseconds(simulation.Random.Next(50)), () => listenerLost(Reset));
    }

    /// <summary>From now on nothing goes through, and nobody is told.</summary>
    public void Stick() => _isStuck = true;
}
