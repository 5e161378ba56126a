using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>The formulas of <see cref="Prediction"/>.</summary>
internal sealed class Predictor
{
    private readonly Hops _hops;
    private readonly (NodeTimes Times, LayerRange Layers)[] _stages;
    private readonly (string From, string To)[] _ways;
    private readonly NodeTimes _head;
    private readonly bool _headIsStage;

    private Predictor(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        var nodes = problem.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        var head = problem.Head;
        _hops = new(problem);
        _head = new(problem.Shape, head);
        _headIsStage = ranges.Any(range => range.NodeId == head.Id);
        _stages = [.. ranges.Select(range => (nodes[range.NodeId].IsHead ? _head : new(problem.Shape, nodes[range.NodeId]), range.Layers))];
        string[] path = [head.Id, .. ranges.Select(range => range.NodeId), head.Id];
        _ways = [.. path.Zip(path.Skip(1)).Where(way => way.First != way.Second)];
    }

    /// <param name="problem">Valid.</param>
    /// <param name="ranges">Valid, in the order of their layers.</param>
    public static Prediction Predict(SplitProblem problem, IReadOnlyList<NodeRange> ranges)
    {
        var predictor = new Predictor(problem, ranges);
        var (tokensPerSecond, groups) = predictor.BestThroughput(problem.Requests);
        var holders = ranges.Select(range => range.NodeId).Append(problem.Head.Id).ToHashSet(StringComparer.Ordinal);
        return new()
        {
            MsPerToken = predictor.RoundMs(1),
            PromptTokens = problem.PromptTokens,
            MsToFirstToken = predictor.MsToFirstToken(problem.PromptTokens, problem.ChunkTokens),
            Requests = problem.Requests,
            TokensPerSecond = tokensPerSecond,
            Groups = groups,
            BottleneckMs = predictor.BottleneckMs(problem.RowsPerGroup),
            IsEstimated = problem.Nodes.Any(node => node.IsEstimated && holders.Contains(node.Id)),
        };
    }

    private double ComputeMs(int tokens) => _stages.Sum(stage => stage.Times.LayersMs(stage.Layers, tokens));

    private double HopsMs(int tokens) => _ways.Sum(way => _hops.Ms(way.From, way.To, tokens));

    private double RoundMs(int rows) => ComputeMs(rows) + _head.HeadMs(rows) + HopsMs(rows);

    // The head computes its layers and the output one after the other.
    private double BottleneckMs(int rows) => Math.Max(SlowestMs(rows, withOutput: true), _headIsStage ? 0 : _head.HeadMs(rows));

    private double SlowestMs(int tokens, bool withOutput) => _stages
        .Select(stage => stage.Times.LayersMs(stage.Layers, tokens) + (withOutput ? stage.Times.HeadMs(tokens) : 0))
        .Concat(_ways.Select(way => _hops.BusyMs(way.From, way.To, tokens)))
        .Max();

    private double MsToFirstToken(int prompt, int chunk)
    {
        var chunks = (prompt + chunk - 1) / chunk;
        var tokens = (prompt + chunks - 1) / chunks;
        return ComputeMs(tokens) + HopsMs(tokens) + ((chunks - 1) * SlowestMs(tokens, withOutput: false)) + _head.HeadMs(1);
    }

    private (double TokensPerSecond, int Groups) BestThroughput(int requests)
    {
        var best = (TokensPerSecond: 0.0, Groups: 1);
        for (var groups = 1; groups <= requests; groups++)
        {
            var rows = (requests + groups - 1) / groups;
            var ms = Math.Max(groups * BottleneckMs(rows), RoundMs(rows));
            var found = ms > 0 ? requests / ms * 1000 : 0;
            if (found > best.TokensPerSecond)
            {
                best = (found, groups);
            }
        }

        return best;
    }
}
