namespace ManagedSwarm.Engine.Generation;

/// <summary>Turns prompts into replies.</summary>
public interface IGenerator : IAsyncDisposable
{
    /// <summary>How busy it is now.</summary>
    GeneratorLoad Load { get; }

    /// <summary>
    /// Runs a request. Events of several choices are interleaved; each choice ends with one <see cref="ChoiceFinished"/>.
    /// Cancelling, or ending the enumeration early, frees the request's compute and cache by the next step.
    /// </summary>
    /// <exception cref="EngineException">
    /// Before the first event: <c>context_length_exceeded</c>, <c>empty_prompt</c>, <c>token_out_of_range</c>, <c>invalid_value</c>
    /// (another parameter out of its range), <c>capacity_exceeded</c> (could never run here), <c>queue_full</c> (may run later; says when to try again),
    /// <c>shutting_down</c>.
    /// At any time: <c>shutting_down</c>, <c>invalid_logits</c> (the model computed NaN or infinity), the code of the error of a stage, or
    /// <c>stage_failed</c> where it has none; <c>generation_failed</c> for what else goes wrong while a token is chosen.
    /// </exception>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken);
}
