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

    /// <summary>Loads the stage that owns <paramref name="layers"/>.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="layers">Which of its layers.</param>
    /// <param name="kvCache">Keys and values of these layers.</param>
    /// <param name="monitor">Told what is loaded, and may end it; null: nobody looks on.</param>
    /// <exception cref="EngineException"><c>invalid_model</c>, <c>invalid_value</c>, <c>out_of_memory</c>, <c>unsupported_…</c>; nothing is left behind.</exception>
    /// <exception cref="OperationCanceledException">The load was cancelled; nothing is left behind.</exception>
    IStage CreateStage(ModelWeights weights, LayerRange layers, KvCacheOptions kvCache, LoadMonitor? monitor = null);

    /// <summary>Loads embedding, final norm and output matrix.</summary>
    /// <inheritdoc cref="CreateStage"/>
    IHead CreateHead(ModelWeights weights, LoadMonitor? monitor = null);
}
