using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// The one bridge from plans to numbers: tokens to hidden states, through the stages, to the logits of those rows that are needed.
/// Buffers grow to what the largest step took. For one thread.
/// </summary>
internal sealed class StepRunner(IHead head, IStage stage, int hiddenSize, int vocabularySize)
{
    private float[] _hidden = [];
    private float[] _logits = [];
    private long _step;

    /// <summary>Runs a step, and blocks until it is done: for a thread that has nothing else to do.</summary>
    /// <exception cref="EngineException">
    /// <c>stage_failed</c>: what came back is not of the shape of what was sent. Head and stage throw their own.
    /// </exception>
    public void Run(StepPlan plan, CancellationToken cancellationToken)
    {
        using var output = stage.StepAsync(Embed(plan), cancellationToken).AsTask().GetAwaiter().GetResult();
        if (output.TokenCount != plan.Tokens.Length || output.HiddenSize != hiddenSize)
        {
            throw new EngineException(
                "stage_failed",
                $"the stages returned {output.TokenCount} hidden states of {output.HiddenSize} floats; "
                + $"expected are {plan.Tokens.Length} of {hiddenSize}");
        }

        ComputeLogits(output.Hidden.Span, plan.Rows);
    }

    /// <summary>The logits of the last step's i-th row: (vocabularySize).</summary>
    public ReadOnlySpan<float> LogitsOf(int row) => _logits.AsSpan(row * vocabularySize, vocabularySize);

    private StepBatch Embed(StepPlan plan)
    {
        var batch = new StepBatch(++_step, epoch: 0, plan.Operations, plan.Segments, hiddenSize);
        try
        {
            if (plan.Tokens.Length > 0)
            {
                head.Embed(plan.Tokens, batch.Hidden.Span);
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private void ComputeLogits(ReadOnlySpan<float> hidden, IReadOnlyList<StepRow> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        var selected = Grow(ref _hidden, checked(rows.Count * hiddenSize));
        var logits = Grow(ref _logits, checked(rows.Count * vocabularySize));
        for (var i = 0; i < rows.Count; i++)
        {
            hidden.Slice(rows[i].Index * hiddenSize, hiddenSize).CopyTo(selected[(i * hiddenSize)..]);
        }

        head.ComputeLogits(selected, logits);
    }

    private static Span<float> Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new float[length];
        }

        return buffer.AsSpan(0, length);
    }
}
