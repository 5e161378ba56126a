using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Takes the time that an engine of a given speed would: for its place, for what is not cached of the prompt, and for each token.</summary>
/// <param name="speed">Null: none of it takes any time.</param>
internal sealed class MockGenerator(MockSpeed? speed) : IGenerator
{
    private const int BlockTokens = 64;
    private static readonly byte[] Letter = "a"u8.ToArray();

    private readonly SemaphoreSlim _places = new(speed?.Places ?? int.MaxValue);
    private readonly Lock _gate = new();
    private readonly LinkedList<ulong> _recent = new();
    private readonly Dictionary<ulong, LinkedListNode<ulong>> _blocks = [];
    private int _active;
    private int _waiting;

    public GeneratorLoad Load => new(Volatile.Read(ref _active), Volatile.Read(ref _waiting));

    public async IAsyncEnumerable<GenerationEvent> GenerateAsync(
        GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
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

        Interlocked.Increment(ref _active);
        try
        {
            var (tokens, cached) = (request.MaxTokens ?? 1, Cache(request.Prompt));
            await PassAsync((request.Prompt.Count - cached) / (speed?.PromptTokensPerSecond ?? 1), cancellationToken);
            for (var i = 0; i < tokens; i++)
            {
                await PassAsync((speed?.Places ?? 1) / (speed?.TokensPerSecond ?? 1), cancellationToken);
                yield return new TextGenerated(0, "a", [new GeneratedToken(Letter[0], Letter, float.NaN, [])]);
            }

            yield return new ChoiceFinished(0, FinishReason.Length, tokens) { CachedTokens = cached };
        }
        finally
        {
            Interlocked.Decrement(ref _active);
            _places.Release();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private Task PassAsync(double seconds, CancellationToken cancellationToken) =>
        speed is null ? Task.CompletedTask : Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);

    /// <summary>Keeps the full blocks of a prompt.</summary>
    /// <returns>Tokens that were kept before.</returns>
    private int Cache(IReadOnlyList<int> prompt)
    {
        if (speed is null)
        {
            return 0;
        }

        lock (_gate)
        {
            var (hash, known, isKnown) = (14695981039346656037UL, 0, true);
            for (var i = 0; i < prompt.Count; i++)
            {
                hash = (hash ^ (ulong)prompt[i]) * 1099511628211;
                if ((i + 1) % BlockTokens == 0)
                {
                    isKnown &= Use(hash);
                    known += isKnown ? BlockTokens : 0;
                }
            }

            return Math.Min(known, prompt.Count - 1);
        }
    }

    private bool Use(ulong block)
    {
        var isKnown = _blocks.TryGetValue(block, out var node);
        if (node is not null)
        {
            _recent.Remove(node);
        }

        _blocks[block] = _recent.AddLast(block);
        if (_blocks.Count > speed!.CachedBlocks)
        {
            _blocks.Remove(_recent.First!.Value);
            _recent.RemoveFirst();
        }

        return isKnown;
    }
}
