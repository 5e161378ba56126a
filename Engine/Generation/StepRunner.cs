using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// The one bridge from plans to numbers: tokens to hidden states, through the stages, to the logits of those rows that are needed.
/// Buffers grow to what the largest step took, and are used again. For one thread.
/// </summary>
internal sealed class StepRunner(IHead head, IStage stage, int hiddenSize, int vocabularySize) : IDisposable
{
    // What the stages returned last; null: they have it, or have disposed of it.
    private StepBatch? _batch;
    private float[] _hidden = [];
    private float[] _logits = [];
    private long _step;

    /// <summary>Runs a step, and blocks until it is done: for a thread that has nothing else to do.</summary>
    /// <exception cref="EngineException">
    /// <c>stage_failed</c>: what came back is not of the shape of what was sent. Head and stage throw their own.
    /// </exception>
    public void Run(StepPlan plan, CancellationToken cancellationToken)
    {
        var output = Send(Embed(plan), cancellationToken);
        if (output.TokenCount != plan.Tokens.Count || output.HiddenSize != hiddenSize)
        {
            output.Dispose();
            throw new EngineException(
                "stage_failed",
                $"the stages returned {output.TokenCount} hidden states of {output.HiddenSize} floats; "
                + $"expected are {plan.Tokens.Count} of {hiddenSize}");
        }

        _batch = output;
        ComputeLogits(output.Hidden.Span, CollectionsMarshal.AsSpan(plan.Rows));
    }

    /// <summary>The logits of the last step's i-th row: (vocabularySize).</summary>
    public ReadOnlySpan<float> LogitsOf(int row) => _logits.AsSpan(row * vocabularySize, vocabularySize);

    public void Dispose() => _batch?.Dispose();

    private StepBatch Embed(StepPlan plan)
    {
        var batch = Take(plan);
        try
        {
            if (plan.Tokens.Count > 0)
            {
                head.Embed(CollectionsMarshal.AsSpan(plan.Tokens), batch.Hidden.Span);
            }

            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>The batch of a plan: the last one again where there is one.</summary>
    private StepBatch Take(StepPlan plan)
    {
        _step++;
        if (_batch is not { } batch)
        {
            return new StepBatch(_step, epoch: 0, plan.Operations, plan.Segments, hiddenSize);
        }

        _batch = null;
        batch.Reset(_step, epoch: 0, CollectionsMarshal.AsSpan(plan.Operations), CollectionsMarshal.AsSpan(plan.Segments));
        return batch;
    }

    /// <summary>A local stage is done when it returns: then no task is made for it.</summary>
    private StepBatch Send(StepBatch batch, CancellationToken cancellationToken)
    {
        var step = stage.StepAsync(batch, cancellationToken);
        return step.IsCompletedSuccessfully ? step.Result : step.AsTask().GetAwaiter().GetResult();
    }

    private void ComputeLogits(ReadOnlySpan<float> hidden, ReadOnlySpan<StepRow> rows)
    {
        if (rows.Length == 0)
        {
            return;
        }

        var selected = Grow(ref _hidden, checked(rows.Length * hiddenSize));
        var logits = Grow(ref _logits, checked(rows.Length * vocabularySize));
        for (var i = 0; i < rows.Length; i++)
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
