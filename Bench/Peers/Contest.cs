using ManagedSwarm.Bench.Memory;
using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Peers;

/// <summary>
/// Engines measured in turns: in each round the memory's bandwidth, then every engine once, another one first in each round, so that
/// neither drift nor order favours one.
/// </summary>
internal sealed class Contest(IReadOnlyList<IContestant> contestants, ReadBandwidth bandwidth)
{
    private readonly Dictionary<(IContestant Contestant, string Test), List<double>> _speeds = [];
    private readonly List<double> _bandwidths = [];

    /// <summary>GB/s of the read loop, per round.</summary>
    public Rounds Bandwidth => new(_bandwidths);

    public void Run(int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            _bandwidths.Add(bandwidth.Measure());
            Progress.Say($"round {round + 1} of {rounds}: read loop {Rounds.Digits(_bandwidths[^1])} GB/s");
            for (var i = 0; i < contestants.Count; i++)
            {
                Measure(contestants[(round + i) % contestants.Count]);
            }
        }
    }

    /// <summary>Tokens per second per round; null: it cannot run that test.</summary>
    public Rounds? SpeedOf(IContestant contestant, string test) =>
        _speeds.TryGetValue((contestant, test), out var speeds) ? new Rounds(speeds) : null;

    private void Measure(IContestant contestant)
    {
        var speeds = contestant.Measure();
        foreach (var (test, speed) in speeds)
        {
            if (!_speeds.TryGetValue((contestant, test), out var values))
            {
                _speeds.Add((contestant, test), values = []);
            }

            values.Add(speed);
        }

        Progress.Say($"  {contestant.Name}: {string.Join(", ", speeds.Select(speed => $"{speed.Key} {Rounds.Digits(speed.Value)}"))}");
    }
}
