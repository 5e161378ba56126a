namespace ManagedSwarm.Engine.Planning;

/// <summary>Who holds which layers: contiguous, disjoint, complete, and within each node's memory. Made by <see cref="Create"/> only.</summary>
public sealed record SplitPlan
{
    private SplitPlan(IReadOnlyList<StageAssignment> stages, Prediction prediction) => (Stages, Prediction) = (stages, prediction);

    /// <summary>In the order of the layers, each on a node of its own.</summary>
    public IReadOnlyList<StageAssignment> Stages { get; }

    /// <summary>How fast it should be.</summary>
    public Prediction Prediction { get; }

    /// <summary>Makes a plan of ranges, in any order, or says what is wrong with them.</summary>
    /// <exception cref="EngineException">
    /// <c>invalid_plan</c>: they are not contiguous, disjoint and complete, or of nodes that are not there; <c>not_enough_memory</c>;
    /// <c>not_enough_workers</c>; <c>invalid_value</c>: the problem is none.
    /// </exception>
    public static SplitPlan Create(SplitProblem problem, IEnumerable<NodeRange> ranges)
    {
        problem.Validate();
        NodeRange[] inOrder = [.. ranges.Take(problem.Nodes.Count + 1).OrderBy(range => range.Layers.First)];
        PlanRules.Require(problem, inOrder);
        var rooms = NodeRoom.ById(problem);
        return new(
            [.. inOrder.Select(range => rooms[range.NodeId].Assign(range.Layers))],
            Predictor.Predict(problem, inOrder));
    }

    /// <summary>A plan whose only stage is the head.</summary>
    /// <exception cref="EngineException"><c>not_enough_memory</c>, <c>not_enough_workers</c>, <c>invalid_plan</c>, <c>invalid_value</c></exception>
    public static SplitPlan Whole(SplitProblem problem)
    {
        problem.Validate();
        return Create(problem, [new(problem.Head.Id, new(0, problem.Shape.LayerCount))]);
    }
}
