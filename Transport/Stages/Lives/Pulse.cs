namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>
/// When a side of a control stream has to say something, and for how long the other one has been silent. A tick that comes late was slept
/// through by this side: that time is nobody's silence.
/// </summary>
/// <param name="options">How long.</param>
/// <param name="now">When the stream begins.</param>
internal sealed class Pulse(StageOptions options, TimeSpan now)
{
    private TimeSpan _heard = now;
    private TimeSpan _said = now;
    private TimeSpan _ticked = now;

    /// <summary>How often it is to be asked.</summary>
    public static TimeSpan TickInterval(StageOptions options) => options.HeartbeatInterval / 2;

    public void Heard(TimeSpan now) => _heard = Max(_heard, now);

    public void Said(TimeSpan now) => _said = now;

    /// <returns>Whether something has to be said, and how long the other side has said nothing.</returns>
    public (bool IsDue, TimeSpan Silence) Tick(TimeSpan now)
    {
        var late = now - _ticked - options.HeartbeatInterval;
        if (late > TimeSpan.Zero)
        {
            _heard += late;
        }

        _ticked = now;
        return (now - _said >= options.HeartbeatInterval, now - _heard);
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
