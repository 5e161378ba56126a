namespace ManagedSwarm.Engine.Model;

/// <summary>What the head of a swarm computes itself: tokens to hidden states, and hidden states to logits.</summary>
public interface IHead : IDisposable
{
    /// <summary>Looks up the tokens' embeddings: <paramref name="hidden"/> is (tokens, hiddenSize).</summary>
    void Embed(ReadOnlySpan<int> tokens, Span<float> hidden);

    /// <summary>Final norm and output matrix: (rows, hiddenSize) to (rows, vocabularySize).</summary>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    void ComputeLogits(ReadOnlySpan<float> hidden, Span<float> logits);
}
