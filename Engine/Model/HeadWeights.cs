using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Model;

/// <summary>The weights of a head, by llama.cpp's tensor names.</summary>
/// <param name="Embedding">(vocabularySize, hiddenSize)</param>
/// <param name="Norm">(hiddenSize)</param>
/// <param name="Output">(vocabularySize, hiddenSize); the embedding where the model has no matrix of its own (tied embeddings).</param>
internal sealed record HeadWeights(WeightMatrix Embedding, float[] Norm, WeightMatrix Output)
{
    /// <summary>Finds the weights, and reads ahead an embedding that is nothing but one; the output is whoever's computes with it.</summary>
    public static HeadWeights Load(ModelWeights weights, LoadMonitor monitor)
    {
        var config = weights.Config;
        var embedding = WeightMatrix.Load(weights, "token_embd", config.VocabularySize, config.HiddenSize);
        var norm = weights.ReadFloats(weights.Require("output_norm.weight", config.HiddenSize));
        if (!weights.TryGet("output.weight", out _, config.HiddenSize, config.VocabularySize))
        {
            return new HeadWeights(embedding, norm, embedding);
        }

        var output = WeightMatrix.Load(weights, "output", config.VocabularySize, config.HiddenSize);
        embedding.ReadAhead(monitor);
        return new HeadWeights(embedding, norm, output);
    }

    /// <summary>How many rows of hidden states there are, each with its row of logits: kernels write by pointer, so it is checked here.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public int RowsOf(ReadOnlySpan<float> hidden, ReadOnlySpan<float> logits)
    {
        var (rows, rest) = Math.DivRem(hidden.Length, Output.Columns);
        if (rest != 0 || (long)rows * Output.Rows != logits.Length)
        {
            throw new ArgumentException($"{hidden.Length} hidden floats and {logits.Length} logits do not fit rows of {Output.Columns} and {Output.Rows}");
        }

        return rows;
    }

    /// <summary>Looks up the tokens' embeddings.</summary>
    /// <param name="tokens">(tokens)</param>
    /// <param name="hidden">(tokens, hiddenSize)</param>
    /// <exception cref="EngineException"><c>token_out_of_range</c></exception>
    public void Embed(ReadOnlySpan<int> tokens, Span<float> hidden)
    {
        for (var t = 0; t < tokens.Length; t++)
        {
            if ((uint)tokens[t] >= (uint)Embedding.Rows)
            {
                throw new EngineException("token_out_of_range", $"token {tokens[t]} is not within 0 to {Embedding.Rows - 1}");
            }

            Embedding.ReadRow(tokens[t], hidden.Slice(t * Embedding.Columns, Embedding.Columns));
        }
    }
}
