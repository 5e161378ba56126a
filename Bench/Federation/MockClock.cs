using System.Diagnostics;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Passes the times of a reply's steps one after the other. What a timer is late for one step, the next one waits less.</summary>
internal sealed class MockClock
{
    private readonly long _begun = Stopwatch.GetTimestamp();
    private TimeSpan _due;

    public Task PassAsync(double seconds, CancellationToken cancellationToken)
    {
        _due += TimeSpan.FromSeconds(seconds);
        var wait = _due - Stopwatch.GetElapsedTime(_begun);
        return wait > TimeSpan.Zero ? Task.Delay(wait, cancellationToken) : Task.CompletedTask;
    }
}
