using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>A sequence that nobody else has, for steps whose results nobody wants.</summary>
/// <param name="stage">Who computes them.</param>
/// <param name="hiddenSize">Floats per token.</param>
/// <param name="capacity">Tokens of all steps together, at most.</param>
internal sealed class TrialSequence(IStage stage, int hiddenSize, int capacity)
{
    private const long Id = long.MinValue;

    private int _steps;
    private int _length;

    /// <summary>Computes some tokens more.</summary>
    public async Task StepAsync(int tokens, CancellationToken cancellationToken)
    {
        SequenceOperation[] operations = _steps == 0 ? [SequenceOperation.Open(Id, capacity)] : [];
        var batch = new StepBatch(_steps++, 0, operations, [new Segment(Id, _length, tokens)], hiddenSize);
        batch.Hidden.Span.Fill(1f / hiddenSize);
        (await stage.StepAsync(batch, cancellationToken)).Dispose();
        _length += tokens;
    }

    /// <summary>Lets the stage forget it.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken) =>
        (await stage.StepAsync(new StepBatch(_steps, 0, [SequenceOperation.Close(Id)], [], hiddenSize), cancellationToken)).Dispose();
}
