using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Bench.Federation;

/// <summary>
/// Takes the time that an engine of a given speed would: for its place, for what is not cached of the prompt, and for each token. Its tokens are
/// the letters of the alphabet in their order, so that a reply which another one goes on with shows whether it was gone on with rightly.
/// </summary>
/// <param name="speed">Null: none of it takes any time.</param>
internal sealed class MockGenerator(MockSpeed? speed) : IGenerator
{
    private readonly SemaphoreSlim _places = new(speed?.Places ?? int.MaxValue);
    private readonly MockCache? _cache = speed is null ? null : new(speed.CachedBlocks);
    private readonly ConcurrentQueue<long> _cancelled = new();
    private int _active;
    private int _waiting;

    public GeneratorLoad Load => new(Volatile.Read(ref _active), Volatile.Read(ref _waiting));

    /// <summary>
    /// When replies ended that were cancelled, those that were not yet taken: timestamps of <see cref="Stopwatch"/>, which all processes have in
    /// common.
    /// </summary>
    public IEnumerable<long> TakeCancelled()
    {
        while (_cancelled.TryDequeue(out var at))
        {
            yield return at;
        }
    }

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await TakePlaceAsync(cancellationToken);
        Interlocked.Increment(ref _active);
        try
        {
            var (begun, cached, clock) = (request.Begun?.Tokens.Count ?? 0, _cache?.Use(request.Prompt) ?? 0, new MockClock());
            await clock.PassAsync(speed is null ? 0 : (request.Prompt.Count + begun - cached) / speed.PromptTokensPerSecond, cancellationToken);
            for (var i = begun; i < (request.MaxTokens ?? 1); i++)
            {
                await clock.PassAsync(speed is null ? 0 : speed.Places / speed.TokensPerSecond, cancellationToken);
                yield return Token(i);
            }

            yield return new ChoiceFinished(0, FinishReason.Length, request.MaxTokens ?? 1) { CachedTokens = cached };
        }
        finally
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _cancelled.Enqueue(Stopwatch.GetTimestamp());
            }

            Interlocked.Decrement(ref _active);
            _places.Release();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What a reply says at a place.</summary>
    public static char LetterOf(int index) => (char)('a' + (index % 26));

    private static TextGenerated Token(int index)
    {
        var letter = LetterOf(index);
        return new(0, letter.ToString(), [new GeneratedToken(letter, new[] { (byte)letter }, float.NaN, [])]);
    }

    private async Task TakePlaceAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _places.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
