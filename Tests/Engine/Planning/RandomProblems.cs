using ManagedSwarm.Engine.Planning;

namespace ManagedSwarm.Tests.Engine.Planning;

/// <summary>Problems of all kinds, the same for the same seed: alike and unlike nodes, layers of different sizes, scarce and ample memory.</summary>
internal static class RandomProblems
{
    /// <summary>A problem, which may be one that nobody can solve.</summary>
    public static SplitProblem Create(int seed, int maxWorkers = 5, int maxLayers = 12)
    {
        var random = new Random(seed);
        var layers = random.Next(1, maxLayers + 1);
        var workers = random.Next(0, maxWorkers + 1);
        var isUniform = random.Next(2) == 0;
        var nodes = Enumerable.Range(0, workers + 1).Select(index => new NodeProfile
        {
            Id = $"id-{index}",
            Name = $"node {index % 3}",
            // Scarce to ample: all of the model takes about 1100 a layer.
            FreeMemory = random.NextInt64(100, 1200L * layers),
            DecodeMsPerLayer = random.Next(4) == 0 ? null : 0.1 + random.NextDouble(),
            PrefillMsPerTokenPerLayer = random.Next(4) == 0 ? null : 0.2 * random.NextDouble(),
            HeadMs = random.Next(2) == 0 ? null : random.NextDouble(),
            MemoryBandwidth = 1e6 * (0.5 + random.NextDouble()),
        }).ToArray();
        var head = random.Next(nodes.Length);
        nodes[head] = nodes[head] with { IsHead = true };
        var links =
            from node in nodes
            from other in nodes
            where random.Next(3) > 0
            select (node.Id, other.Id, new LinkProfile(random.NextDouble(), 1e5 * (0.1 + random.NextDouble())));
        return new()
        {
            Shape = new()
            {
                Name = "model",
                HiddenSize = 16,
                LayerWeightBytes = [.. Enumerable.Range(0, layers).Select(_ => isUniform ? 900L : random.Next(500, 1300))],
                LayerFileBytes = [.. Enumerable.Range(0, layers).Select(_ => 800L)],
                HeadWeightBytes = random.Next(0, 600),
                KvBytesPerLayer = random.Next(0, 200),
                WorkspaceBytes = random.Next(0, 100),
            },
            Nodes = nodes,
            Links = new(new(random.NextDouble(), 1e5), links),
            Objective = (SplitObjective)random.Next(2),
            MinWorkers = random.Next(3) == 0 ? random.Next(workers + 1) : 0,
            HeadHoldsLayers = random.Next(4) > 0,
            HopOverheadMs = random.NextDouble() / 10,
            PromptTokens = random.Next(1, 600),
            ChunkTokens = random.Next(1, 200),
            Requests = random.Next(1, 20),
        };
    }

    /// <summary>The problem with all of its bytes times a factor: nodes' and model's.</summary>
    public static SplitProblem Scale(SplitProblem problem, long factor)
    {
        var shape = problem.Shape;
        return problem with
        {
            Nodes = [.. problem.Nodes.Select(node => node with { FreeMemory = node.FreeMemory * factor })],
            Shape = shape with
            {
                LayerWeightBytes = [.. shape.LayerWeightBytes.Select(bytes => bytes * factor)],
                HeadWeightBytes = shape.HeadWeightBytes * factor,
                KvBytesPerLayer = shape.KvBytesPerLayer * factor,
                WorkspaceBytes = shape.WorkspaceBytes * factor,
            },
        };
    }
}
