using static System.FormattableString;

namespace ManagedSwarm.Engine.Planning;

/// <summary>Whether layers that are placed already should be placed otherwise, as nodes have come. A pure function.</summary>
public static class Rearrangement
{
    /// <summary>What all requests together must gain: less is not worth that steps wait meanwhile, or that all sequences are computed once more.</summary>
    public const double LeastGain = 1.1;

    /// <summary>What one reply alone may lose: another node is another hop.</summary>
    public const double MostLoss = 1.1;

    /// <summary>Finds a better place for the layers.</summary>
    /// <param name="problem">Its nodes' <see cref="NodeProfile.FreeMemory"/> is what they have beside the layers that are placed now.</param>
    /// <param name="current">Where the layers are, in their order.</param>
    /// <param name="strategy">Divides the layers.</param>
    /// <param name="room">
    /// What each node has free now: layers that move are at both places for a moment. A node that only gives layers away needs none of it.
    /// </param>
    /// <returns>The better places, or why all stays as it is.</returns>
    public static RearrangementChoice Find(
        SplitProblem problem, IReadOnlyList<NodeRange> current, ISplitStrategy strategy, IReadOnlyDictionary<string, long> room)
    {
        if (current.Where(range => problem.Nodes.All(node => node.Id != range.NodeId)).ToList() is [var gone, ..])
        {
            // First of all that is made good.
            return RearrangementChoice.Stay($"{gone.NodeId}, which holds layers {gone.Layers}, is about to be lost");
        }

        try
        {
            var plan = SplitPlanner.Plan(problem, strategy);
            NodeRange[] ranges = [.. plan.Stages.Select(stage => new NodeRange(stage.NodeId, stage.Layers))];
            return ranges.SequenceEqual(current) ? RearrangementChoice.Stay("the plan with it is the one that there is")
                : WhyNot(problem, current, plan) is { } cost ? RearrangementChoice.Stay(cost)
                : Cramped(plan, current, room) is { } stage ? RearrangementChoice.Stay(
                    $"{problem.Nodes.Single(node => node.Id == stage.NodeId).Name} has not {stage.Memory.Total} bytes free for layers {stage.Layers} beside what it holds until they are handed over")
                : RearrangementChoice.Move(ranges);
        }
        catch (EngineException exception)
        {
            return RearrangementChoice.Stay($"{exception.Code}: {exception.Message}");
        }
    }

    private static string? WhyNot(SplitProblem problem, IReadOnlyList<NodeRange> current, SplitPlan plan)
    {
        if (current.DistinctBy(range => range.NodeId).Count() < current.Count)
        {
            // A node that has two ranges took one of them in need.
            return null;
        }

        var (now, then) = (Predictor.Predict(problem, current), plan.Prediction);
        return then.TokensPerSecond < LeastGain * now.TokensPerSecond
            ? Invariant($"{then.TokensPerSecond:0.#} tokens/s with it, {now.TokensPerSecond:0.#} without: not {LeastGain:0.#} times as many")
            : then.MsPerToken > MostLoss * now.MsPerToken
            ? Invariant($"a reply alone would take {then.MsPerToken:0.#} ms per token with it, {now.MsPerToken:0.#} without: over {MostLoss:0.#} times as long")
            : null;
    }

    private static StageAssignment? Cramped(SplitPlan plan, IReadOnlyList<NodeRange> current, IReadOnlyDictionary<string, long> room) =>
        plan.Stages.FirstOrDefault(stage =>
            !current.Any(range => Keeps(range, stage)) && stage.Memory.Total > room.GetValueOrDefault(stage.NodeId));

    private static bool Keeps(NodeRange range, StageAssignment stage) =>
        range.NodeId == stage.NodeId && range.Layers.First <= stage.Layers.First && stage.Layers.End <= range.Layers.End;
}
