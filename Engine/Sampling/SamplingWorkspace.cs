namespace ManagedSwarm.Engine.Sampling;

/// <summary>Scratch for choosing tokens, allocated once; for one thread, shared by all samplers that run on it.</summary>
internal sealed class SamplingWorkspace(int vocabularySize)
{
    /// <summary>A copy of the logits that may be changed: (vocabularySize).</summary>
    public float[] Logits { get; } = new float[vocabularySize];

    /// <summary>What is left of the vocabulary between two filters.</summary>
    public Candidates Candidates { get; } = new(vocabularySize);
}
