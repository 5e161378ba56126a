using System.Diagnostics;

namespace ManagedSwarm.Bench.Streams;

/// <summary>Round trips of messages, one after the other.</summary>
internal sealed class PingPong
{
    private readonly byte[] _message;
    private readonly long[] _ticks;

    /// <param name="bytes">Of a message.</param>
    /// <param name="count">Messages there, and as many back.</param>
    public PingPong(int bytes, int count) => (_message, _ticks) = (new byte[bytes], new long[count]);

    /// <summary>Runs once; allocates nothing for a message.</summary>
    public async Task RunAsync(IWire wire)
    {
        for (var i = 0; i < _ticks.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await wire.WriteAsync(_message);
            if (!await wire.FillAsync(_message))
            {
                throw new InvalidOperationException("the other process has closed");
            }

            _ticks[i] = Stopwatch.GetTimestamp() - start;
        }
    }

    /// <summary>Microseconds that so many of the last run's round trips took at most.</summary>
    /// <param name="share">For example 0.99.</param>
    public double Percentile(double share)
    {
        long[] sorted = [.. _ticks.Order()];
        return sorted[(int)(sorted.Length * share)] * 1e6 / Stopwatch.Frequency;
    }
}
