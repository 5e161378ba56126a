namespace ManagedSwarm.Engine.Generation;

/// <summary>Turns prompts into replies.</summary>
public interface IGenerator : IAsyncDisposable
{
    /// <summary>
    /// Runs a request. Events of several choices are interleaved; each choice ends with one <see cref="ChoiceFinished"/>.
    /// Cancelling, or ending the enumeration early, frees the request's compute and cache by the next step.
    /// </summary>
    /// <exception cref="EngineException">
    /// <c>context_length_exceeded</c>, <c>empty_prompt</c>, <c>token_out_of_range</c>, <c>queue_full</c>: thrown before the first event.
    /// </exception>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancellationToken);
}
