using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Devices;

/// <summary>Something that computes: makes the stages and the head of a model.</summary>
public interface IDevice : IDisposable
{
    /// <summary>Its name in messages and handshakes: <c>cpu</c>, <c>torch-cpu</c>, <c>cuda</c>.</summary>
    string Kind { get; }

    /// <summary>Whether a token's result never depends on the batch it was computed in (the determinism contract).</summary>
    bool IsBatchInvariant { get; }

    /// <summary>The stage that owns <paramref name="layers"/>.</summary>
    IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache);

    /// <summary>Embedding, final norm and output matrix.</summary>
    IHead CreateHead(ModelWeights weights);
}
