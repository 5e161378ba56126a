using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Waits until the swarm has what a plan needs.</summary>
/// <param name="swarm">This node's membership.</param>
/// <param name="settings">What the user asked for.</param>
/// <param name="time">The clock.</param>
internal sealed class PlanWait(SwarmService swarm, HeadSettings settings, TimeProvider time)
{
    // Free memory changes without anybody's coming or going.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly long _began = time.GetTimestamp();
    private long _lastNews = time.GetTimestamp();
    private bool _isSettled;

    /// <summary>What a layer of the model takes on a node, where that was measured: in milliseconds, by the nodes' ids.</summary>
    public IReadOnlyDictionary<string, double> Speeds { get; set; } = new Dictionary<string, double>();

    /// <summary>
    /// Makes a plan as soon as there can be one. The first one waits for the swarm to settle, unless the user has said who is needed: a
    /// node that has just joined knows few of the others.
    /// </summary>
    /// <param name="shape">The model's.</param>
    /// <param name="memory">Bytes that the model may take on this machine.</param>
    /// <param name="context">Tokens of context per request.</param>
    /// <param name="waiting">Told why there is none yet, each time that the reason is another one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="EngineException">There can never be one: <c>invalid_value</c>, <c>strategy_failed</c>.</exception>
    public async Task<SplitPlan> UntilPlannedAsync(
        ModelShape shape, Func<long> memory, int context, Action<string> waiting, CancellationToken cancellationToken)
    {
        using var news = new SwarmNews(swarm, time, OnHappened);
        for (string? last = null; ;)
        {
            var pause = Interval;
            if (TryPlan(shape, memory(), context, out var reason) is { } plan)
            {
                if (TimeToSettle(plan) is not { } left)
                {
                    _isSettled = true;
                    return plan;
                }

                (pause, reason) = (left, SwarmSettling.Describe(swarm.Current?.Members ?? []));
            }

            if (reason != last)
            {
                waiting(last = reason);
            }

            await news.NextAsync(pause, cancellationToken);
        }
    }

    private void OnHappened(SwarmEvent change)
    {
        // Facts change all the time: that is no sign that others are still to come.
        if (change is { Kind: not SwarmEventKind.Updated, Member.IsSelf: false })
        {
            Volatile.Write(ref _lastNews, time.GetTimestamp());
        }
    }

    private SplitPlan? TryPlan(ModelShape shape, long memory, int context, out string reason)
    {
        reason = "";
        if (swarm.Current is not { } joined)
        {
            reason = "this node is in no swarm";
            return null;
        }

        try
        {
            return SplitPlanner.Plan(SwarmProblem.Of(joined, shape, settings, memory, context, Speeds), settings.Strategy);
        }
        catch (EngineException exception) when (exception.Code is "not_enough_memory" or "not_enough_workers" or "invalid_plan")
        {
            // More nodes may come, and ranges may name one that is not there yet.
            reason = exception.Message;
            return null;
        }
    }

    /// <returns>Null: none is needed.</returns>
    private TimeSpan? TimeToSettle(SplitPlan plan)
    {
        if (_isSettled || settings.MinWorkers > 0 || settings.Strategy is ManualStrategy || swarm.Current is not { } joined)
        {
            return null;
        }

        var staysWhole = settings.Strategy is null && plan.Stages is [var only] && only.NodeId == joined.Self.ToString();
        var sinceNews = time.GetElapsedTime(Volatile.Read(ref _lastNews));
        return staysWhole ? null : settings.Settling.TimeLeft(joined.Members, time.GetElapsedTime(_began), sinceNews);
    }
}
