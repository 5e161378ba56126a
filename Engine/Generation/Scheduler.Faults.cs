namespace ManagedSwarm.Engine.Generation;

/// <summary>What becomes of requests when steps fail.</summary>
internal sealed partial class Scheduler
{
    /// <summary>So often a request is restarted without coming any further; then it is given up.</summary>
    public const int MaxRestarts = 8;

    /// <summary>
    /// A step has failed, and with it all that were in flight behind it: nobody knows how much of them was done. All requests that the stages
    /// have heard of end, and are closed (again), and so are all prefixes. Requests that have not begun wait anew, before the others: they
    /// may have counted on a prefix. If there was nothing but operations, they are tried again only when there is more to do.
    /// </summary>
    /// <returns>The requests that have ended by it.</returns>
    public IReadOnlyList<SequenceGroup> Fail(params IReadOnlyList<StepPlan> plans) => Drop(plans, static _ => false);

    /// <summary>
    /// A step has failed because the stages have lost all sequences, as <see cref="Fail"/> is told; but they are there again. All requests wait
    /// anew, in their order and before the others, and are computed again from their tokens, those of their replies too. Where they have begun
    /// alike, there may be room for one only when another has computed what they share.
    /// </summary>
    /// <returns>The requests that have ended, because they were restarted again and again and have not come any further.</returns>
    public IReadOnlyList<SequenceGroup> Restart(params IReadOnlyList<StepPlan> plans) => Drop(plans, static group => ++group.Restarts <= MaxRestarts);

    private List<SequenceGroup> Drop(IReadOnlyList<StepPlan> plans, Func<SequenceGroup, bool> mayGoOn)
    {
        var (over, waiting) = (new List<SequenceGroup>(), new List<SequenceGroup>());
        foreach (var group in _active.Select(sequence => sequence.Group).Distinct())
        {
            (group.Leader.Id == 0 || mayGoOn(group) ? waiting : over).Add(group);
        }

        var known = _active.Select(sequence => sequence.Id).Where(id => id != 0);
        _operations.CloseAll(plans.SelectMany(plan => plan.Operations), [.. _budget.Clear(), .. known]);
        _active.Clear();
        _turns.Clear();
        over.ForEach(End);
        waiting.ForEach(group => group.WaitAgain());
        _waiting.InsertRange(0, waiting);
        _operationsCanWait = plans.All(plan => plan.Segments.Count == 0);
        return over;
    }

    private static void End(SequenceGroup group)
    {
        group.Prefix = null;
        foreach (var sequence in group.Sequences)
        {
            sequence.State = SequenceState.Over;
        }
    }
}
