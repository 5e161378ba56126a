using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Stages;

/// <summary>Hands ranges of tokens to the threads.</summary>
internal static class TokenWork
{
    // Floats below which waking other threads costs more than it saves.
    private const long SmallWork = 1 << 15;

    // So that threads that are done early find something else to do.
    private const int PartsPerThread = 4;

    /// <summary>Does the work of all tokens.</summary>
    /// <param name="threads">Who computes.</param>
    /// <param name="tokens">How many tokens.</param>
    /// <param name="width">Floats of work per token.</param>
    /// <param name="work">What is done.</param>
    public static void Run<TWork>(ComputeThreads threads, int tokens, int width, TWork work)
        where TWork : struct, ITokenWork
    {
        if (threads.Count == 1 || (long)tokens * width < SmallWork)
        {
            work.Run(0, tokens);
            return;
        }

        var parts = Math.Min(tokens, threads.Count * PartsPerThread);
        var all = new Ranges<TWork>(work, tokens, parts);
        threads.Run(parts, ref all);
    }

    private readonly struct Ranges<TWork>(TWork work, int tokens, int parts) : IParallelWork
        where TWork : struct, ITokenWork
    {
        public void Run(int part)
        {
            var first = (int)((long)tokens * part / parts);
            work.Run(first, (int)((long)tokens * (part + 1) / parts) - first);
        }
    }
}
