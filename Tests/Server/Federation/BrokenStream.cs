using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Server.Federation;

/// <summary>Replies that break off, and are gone on with.</summary>
internal static class BrokenStream
{
    /// <summary>Says what there is behind what was begun; where nothing was, something happens after some tokens.</summary>
    /// <param name="tokens">After how many.</param>
    /// <param name="happens">What, such as an error.</param>
    public static GenerationScript At(int tokens, Func<CancellationToken, Task> happens)
    {
        return Run;

        async IAsyncEnumerable<GenerationEvent> Run(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var (count, skipped) = (0, request.Begun?.Tokens.Count ?? 0);
            await foreach (var said in ScriptedGenerator.Say(request, cancellationToken))
            {
                if (request.Begun is null && count == tokens)
                {
                    await happens(cancellationToken);
                }

                if (count++ >= skipped)
                {
                    yield return said;
                }
            }
        }
    }
}
