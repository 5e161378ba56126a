using System.Runtime.InteropServices;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>The work that a team does now: what to run, and the two counters that hand out its parts and wait for them.</summary>
internal unsafe struct TeamWork
{
    private delegate*<void*, int, void> _run;
    private void* _work;
    private int _parts;
    private Exception? _error;
    private Counters _counters;

    /// <summary>Whether there is a part that nobody has taken.</summary>
    public bool HasParts => Volatile.Read(ref _counters.Untaken) > 0;

    /// <summary>Whether all parts have been run.</summary>
    public bool IsDone => Volatile.Read(ref _counters.Unfinished) == 0;

    /// <summary>Offers work, once that before is done. A full fence: whoever looks for parts from now on sees them.</summary>
    public void Publish(delegate*<void*, int, void> run, void* work, int parts)
    {
        _run = run;
        _work = work;
        _parts = parts;
        _counters.Unfinished = parts;
        Interlocked.Exchange(ref _counters.Untaken, parts);
    }

    /// <summary>Runs parts until none is left.</summary>
    /// <returns>Whether this has finished the work.</returns>
    public bool RunParts()
    {
        // What is not reported keeps the work from ending, so all of these are of the same one.
        var done = 0;
        while (HasParts)
        {
            var left = Interlocked.Decrement(ref _counters.Untaken);
            if (left < 0)
            {
                break;
            }

            RunPart(_parts - 1 - left);
            done++;
        }

        return done > 0 && Interlocked.Add(ref _counters.Unfinished, -done) == 0;
    }

    /// <summary>The first exception of a part, if there was one; the next work has none.</summary>
    public Exception? TakeError()
    {
        var error = _error;
        if (error is not null)
        {
            _error = null;
        }

        return error;
    }

    private void RunPart(int part)
    {
        try
        {
            _run(_work, part);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _error, exception, null);
        }
    }

    // Each in a pair of cache lines of its own (they are fetched in pairs): the one is looked at by all who spin, the other by the caller.
    [StructLayout(LayoutKind.Explicit, Size = 384)]
    private struct Counters
    {
        [FieldOffset(128)]
        public int Untaken;

        [FieldOffset(256)]
        public int Unfinished;
    }
}
