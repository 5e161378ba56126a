namespace ManagedSwarm.Engine.Planning;

/// <summary>Whether layers that are placed already should be placed otherwise, as nodes have come. A pure function.</summary>
public static class Rearrangement
{
    /// <summary>What all requests together must gain: less is not worth computing all sequences once more.</summary>
    public const double LeastGain = 1.1;

    /// <summary>What one reply alone may lose: another node is another hop.</summary>
    public const double MostLoss = 1.1;

    /// <summary>Finds a better place for the layers.</summary>
    /// <param name="problem">Its nodes' <see cref="NodeProfile.FreeMemory"/> is what they have beside the layers that are placed now.</param>
    /// <param name="current">Where the layers are, in their order.</param>
    /// <param name="strategy">Divides the layers.</param>
    /// <param name="room">
    /// What each node has free now: layers that move are at both places for a moment, and so is what stays on a node in another range.
    /// </param>
    /// <returns>Null: there is none that pays, or none for which there is room.</returns>
    public static IReadOnlyList<NodeRange>? Find(
        SplitProblem problem, IReadOnlyList<NodeRange> current, ISplitStrategy strategy, IReadOnlyDictionary<string, long> room)
    {
        if (!current.All(range => problem.Nodes.Any(node => node.Id == range.NodeId)))
        {
            // Somebody is about to be lost: first of all that is made good.
            return null;
        }

        try
        {
            var plan = SplitPlanner.Plan(problem, strategy);
            NodeRange[] ranges = [.. plan.Stages.Select(stage => new NodeRange(stage.NodeId, stage.Layers))];
            return !ranges.SequenceEqual(current) && Pays(problem, current, plan) && HasRoom(plan, current, room) ? ranges : null;
        }
        catch (EngineException)
        {
            // The strategy finds no plan at all: what there is, is the best.
            return null;
        }
    }

    private static bool Pays(SplitProblem problem, IReadOnlyList<NodeRange> current, SplitPlan plan)
    {
        if (current.DistinctBy(range => range.NodeId).Count() < current.Count)
        {
            // A node that has two ranges took one of them in need.
            return true;
        }

        var (now, then) = (Predictor.Predict(problem, current), plan.Prediction);
        return then.TokensPerSecond >= LeastGain * now.TokensPerSecond && then.MsPerToken <= MostLoss * now.MsPerToken;
    }

    private static bool HasRoom(SplitPlan plan, IReadOnlyList<NodeRange> current, IReadOnlyDictionary<string, long> room) =>
        plan.Stages.All(stage => current.Contains(new(stage.NodeId, stage.Layers)) || stage.Memory.Total <= room.GetValueOrDefault(stage.NodeId));
}
