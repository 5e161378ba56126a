namespace ManagedSwarm.Engine.Kernels;

/// <summary>How many threads compute at once, and how work is handed to them.</summary>
internal sealed class ComputeThreads : IDisposable
{
    private readonly ParallelOptions _options;

    /// <param name="count">Threads; 0: one per core.</param>
    public ComputeThreads(int count)
    {
        Count = count > 0 ? count : Environment.ProcessorCount;
        _options = new ParallelOptions { MaxDegreeOfParallelism = Count };
    }

    public int Count { get; }

    /// <summary>Runs the parts 0 … <paramref name="parts"/> - 1 and returns when all are done.</summary>
    public void Run<TWork>(int parts, ref TWork work)
        where TWork : struct, IParallelWork
    {
        if (Count == 1 || parts <= 1)
        {
            for (var part = 0; part < parts; part++)
            {
                work.Run(part);
            }

            return;
        }

        var copy = work;
        Parallel.For(0, parts, _options, part => copy.Run(part));
    }

    public void Dispose()
    {
    }
}
