using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// The one bridge from plans to numbers: tokens to hidden states, through the stages, to the logits of those rows that are needed.
/// Several steps may be on their way at once. Buffers grow to what the largest step took, and are used again. For one thread.
/// </summary>
internal sealed class StepRunner(IHead head, IStage stage, int hiddenSize, int vocabularySize) : IDisposable
{
    // What the stages have returned; those that are missing they have, or have disposed of.
    private readonly Stack<StepBatch> _batches = new();
    private float[] _hidden = [];
    private float[] _logits = [];
    private long _step;

    /// <summary>Nobody wants what a step brings any more; it is done.</summary>
    public static void Drop(StepInFlight step)
    {
        try
        {
            step.Take().Dispose();
        }
        catch
        {
            // It was dropped because of what was told already.
        }
    }

    /// <summary>Sends a step through the stages. A local stage is done with it when this returns. What fails is thrown when it is finished.</summary>
    public void Start(StepInFlight step, CancellationToken cancellationToken)
    {
        try
        {
            step.Await(stage.StepAsync(Embed(step.Plan), cancellationToken));
        }
        catch (Exception error)
        {
            step.Await(ValueTask.FromException<StepBatch>(error));
        }
    }

    /// <summary>Takes what a step brings, which is done, and computes its logits.</summary>
    /// <exception cref="EngineException">
    /// <c>stage_failed</c>: what came back is not of the shape of what was sent. Head and stage throw their own.
    /// </exception>
    public void Finish(StepInFlight step)
    {
        var (plan, output) = (step.Plan, step.Take());
        if (output.TokenCount != plan.Tokens.Count || output.HiddenSize != hiddenSize)
        {
            output.Dispose();
            throw new EngineException(
                "stage_failed",
                $"the stages returned {output.TokenCount} hidden states of {output.HiddenSize} floats; "
                + $"expected are {plan.Tokens.Count} of {hiddenSize}");
        }

        _batches.Push(output);
        ComputeLogits(output.Hidden.Span, CollectionsMarshal.AsSpan(plan.Rows));
    }

    /// <summary>The logits of the i-th row of the step that was finished last: (vocabularySize).</summary>
    public ReadOnlySpan<float> LogitsOf(int row) => _logits.AsSpan(row * vocabularySize, vocabularySize);

    public void Dispose()
    {
        while (_batches.TryPop(out var batch))
        {
            batch.Dispose();
        }
    }

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

    /// <summary>The batch of a plan: one that came back again where there is one.</summary>
    private StepBatch Take(StepPlan plan)
    {
        _step++;
        if (!_batches.TryPop(out var batch))
        {
            return new StepBatch(_step, epoch: 0, plan.Operations, plan.Segments, hiddenSize);
        }

        batch.Reset(_step, epoch: 0, CollectionsMarshal.AsSpan(plan.Operations), CollectionsMarshal.AsSpan(plan.Segments));
        return batch;
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
