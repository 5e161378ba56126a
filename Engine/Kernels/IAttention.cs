using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Causal attention over a paged cache: what a token sees depends on its position alone, never on the batch.</summary>
internal unsafe interface IAttention
{
    /// <summary>Attends to each sequence's cache, in which the segments' own keys and values already are.</summary>
    /// <param name="layer">The layer within the stage, from 0.</param>
    /// <param name="batch">Its segments are in the order of the tokens.</param>
    /// <param name="queries">(tokens, heads, keyHeadSize)</param>
    /// <param name="results">(tokens, heads, valueHeadSize)</param>
    void Run(int layer, StepBatch batch, float* queries, float* results);
}
