using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>What layers take of a node's memory.</summary>
internal sealed class NodeRoom
{
    private readonly ModelShape _shape;
    private readonly long[] _sums;

    private NodeRoom(NodeProfile node, ModelShape shape, long[] sums)
    {
        Node = node;
        _shape = shape;
        _sums = sums;
    }

    public NodeProfile Node { get; }

    /// <summary>What is left for layers; may be less than nothing.</summary>
    public long Usable => Node.FreeMemory - _shape.WorkspaceBytes - HeadBytes;

    private long HeadBytes => Node.IsHead ? _shape.HeadWeightBytes : 0;

    /// <summary>The rooms of all nodes, by their ids.</summary>
    public static IReadOnlyDictionary<string, NodeRoom> ById(SplitProblem problem)
    {
        var sums = new long[problem.Shape.LayerCount + 1];
        for (var layer = 0; layer < problem.Shape.LayerCount; layer++)
        {
            sums[layer + 1] = sums[layer] + problem.Shape.LayerWeightBytes[layer] + problem.Shape.KvBytesPerLayer;
        }

        return problem.Nodes.ToDictionary(node => node.Id, node => new NodeRoom(node, problem.Shape, sums), StringComparer.Ordinal);
    }

    /// <summary>Whether it can take these layers; none: whether it can be what it is.</summary>
    public bool Fits(int first, int end) => first == end ? HeadBytes <= Node.FreeMemory : _sums[end] - _sums[first] <= Usable;

    /// <summary>What these layers lack of memory here; 0: nothing.</summary>
    public long Lack(LayerRange layers) => Math.Max(0, _sums[layers.End] - _sums[layers.First] - Usable);

    /// <summary>What the node's smallest layer lacks of memory here; 0: it can take one.</summary>
    public long LackForOneLayer() => Enumerable.Range(0, _shape.LayerCount).Min(layer => Lack(new(layer, 1)));

    public StageMemory MemoryOf(LayerRange layers)
    {
        var kv = _shape.KvBytesPerLayer * layers.Count;
        return new(_sums[layers.End] - _sums[layers.First] - kv, kv, _shape.WorkspaceBytes, HeadBytes);
    }

    public StageAssignment Assign(LayerRange layers) => new(Node.Id, layers, MemoryOf(layers), Node.FreeMemory);
}
