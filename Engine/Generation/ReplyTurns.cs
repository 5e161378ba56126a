namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Which replies go on in a step. Alone, all do. With n steps in flight each takes the n-th part of all replies, at most, so that all come
/// to be of about the same size: no stage then waits for a large one. Those that are left come first the next time, so nobody starves.
/// </summary>
internal sealed class ReplyTurns
{
    // Among the sequences in flight: where the next turn begins, if not all can go on.
    private int _next;

    /// <summary>Adds replies whose last token is known to a step.</summary>
    /// <param name="active">All sequences in flight.</param>
    /// <param name="plan">The step.</param>
    /// <param name="depth">Steps that may be in flight at once.</param>
    /// <returns>How many replies there are; some may wait for their token. Those that are computed anew are like prompts.</returns>
    public int Plan(List<Sequence> active, StepPlan plan, int depth)
    {
        var (replies, ready) = (0, 0);
        foreach (var sequence in active)
        {
            replies += sequence.State == SequenceState.Reply && !sequence.IsBehind ? 1 : 0;
            ready += sequence.IsReady ? 1 : 0;
        }

        var most = (replies + depth - 1) / depth;
        Add(active, plan, ready > most ? most : ready, ready > most ? _next : 0);
        return replies;
    }

    /// <summary>A sequence has left those in flight.</summary>
    public void Remove(int index) => _next -= index < _next ? 1 : 0;

    /// <summary>All sequences have left those in flight.</summary>
    public void Clear() => _next = 0;

    private void Add(List<Sequence> active, StepPlan plan, int count, int first)
    {
        for (var i = 0; count > 0; i++)
        {
            var index = (first + i) % active.Count;
            if (active[index].IsReady)
            {
                plan.Add(active[index], 1);
                count--;
                _next = index + 1;
            }
        }
    }
}
