using System.Collections.Concurrent;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages;
using ChainStage = ManagedSwarm.Transport.Stages.StageAssignment;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Finds members of the swarm, this node among them, that take layers which were lost.</summary>
/// <param name="swarm">This node's membership.</param>
/// <param name="problem">What members and their memory mean for a plan now; null: this node is in no swarm.</param>
/// <param name="assign">Says what a member needs to know to have a range of layers.</param>
/// <param name="isWarm">Whether a member has the weights of layers already.</param>
/// <param name="time">The clock.</param>
internal sealed class MemberPlaces(
    SwarmService swarm,
    Func<SplitProblem?> problem,
    Func<NodeRange, ChainStage> assign,
    Func<SwarmMember, LayerRange, bool> isWarm,
    TimeProvider time) : IStagePlaces
{
    /// <summary>
    /// For so long, a worker that was lost is not asked to take layers again, its own or others': members do not know yet that it is gone, and
    /// one that is started anew takes some seconds.
    /// </summary>
    public static readonly TimeSpan Absence = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // When nodes were lost last, or in doubt.
    private readonly ConcurrentDictionary<string, long> _away = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="EngineException">There can never be anybody: <c>invalid_value</c>.</exception>
    public async Task<IReadOnlyList<ChainStage>> FindAsync(StageGap gap, Action<string> waiting, CancellationToken cancellationToken)
    {
        using var news = new SwarmNews(swarm, time);
        foreach (var stage in gap.InDoubt.Append(gap.Last))
        {
            _away[stage.Worker.Id.ToString()] = time.GetTimestamp();
        }

        for (string? last = null; ;)
        {
            if (TryFill(gap, out var reason) is { } places)
            {
                return places;
            }

            if (reason != last)
            {
                waiting(last = reason);
            }

            await news.NextAsync(Interval, cancellationToken);
        }
    }

    private IReadOnlyList<ChainStage>? TryFill(StageGap gap, out string reason)
    {
        reason = "this node is in no swarm";
        if (problem() is not { } all || swarm.Current is not { } joined)
        {
            return null;
        }

        var nodes = all with { Nodes = [.. all.Nodes.Where(node => node.IsHead || !IsAway(node.Id, gap))] };
        if (IsAway(all.Head.Id, gap))
        {
            nodes = nodes with { HeadHoldsLayers = false };
        }

        var warm = joined.Members.Where(member => isWarm(member, gap.Layers)).Select(member => member.Id.ToString()).ToHashSet(StringComparer.Ordinal);
        var holders = gap.Others.Select(stage => stage.Worker.Id.ToString()).ToHashSet(StringComparer.Ordinal);
        try
        {
            return [.. GapPlanner.Fill(nodes, gap.Layers, warm, holders).Select(assign)];
        }
        catch (EngineException exception) when (exception.Code is "not_enough_memory" or "not_enough_workers")
        {
            reason = exception.Message;
            return null;
        }
    }

    private bool IsAway(string node, StageGap gap) =>
        (gap.IsLeaving && node == gap.Last.Worker.Id.ToString()) || (_away.TryGetValue(node, out var at) && time.GetElapsedTime(at) < Absence);
}
