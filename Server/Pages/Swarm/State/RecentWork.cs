using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>What stages have done lately, out of what they have done so far: times of hours ago say nothing about now. For one thread at a time.</summary>
internal sealed class RecentWork(TimeProvider time)
{
    /// <summary>Times are means over at least this long, where there were any steps.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private IReadOnlyList<StageWork> _before = [];
    private IReadOnlyList<StageWork> _recent = [];
    private long _since;

    /// <summary>The means to show now.</summary>
    /// <param name="total">All so far, in the order of the layers.</param>
    public IReadOnlyList<StageWork> Update(IReadOnlyList<StageWork> total)
    {
        if (!IsOfSame(total))
        {
            // Other stages, or the first look: all that they have done so far.
            (_before, _recent, _since) = (total, total, time.GetTimestamp());
        }
        else if (time.GetElapsedTime(_since) >= Window)
        {
            var recent = total.Zip(_before, (now, before) => now.Since(before)).ToList();
            _recent = recent.Any(work => work.Steps > 0) ? recent : _recent;
            (_before, _since) = (total, time.GetTimestamp());
        }

        return _recent;
    }

    private bool IsOfSame(IReadOnlyList<StageWork> total) =>
        total.Count == _before.Count && total.Zip(_before).All(pair => (pair.First.Node, pair.First.Layers) == (pair.Second.Node, pair.Second.Layers)
            && pair.First.Steps >= pair.Second.Steps);
}
