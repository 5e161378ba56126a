using ManagedSwarm.Engine.Kernels;

namespace ManagedSwarm.Engine.Generation;

/// <summary>
/// Wakes the one thread that waits for something to do. A signal that nobody waits for is kept for the next wait; many are one. There is
/// nothing to dispose: who signals after the thread's end does no harm.
/// </summary>
internal sealed class WorkSignal
{
    private readonly Parker _parker = new();
    private readonly Func<bool> _isSet;
    private int _set;

    public WorkSignal() => _isSet = () => Volatile.Read(ref _set) != 0;

    public void Set()
    {
        // A full fence, as Parker asks for.
        Interlocked.Exchange(ref _set, 1);
        _parker.TryWake();
    }

    /// <summary>Sleeps until there is a signal, and takes it.</summary>
    public void Wait()
    {
        while (Interlocked.Exchange(ref _set, 0) == 0)
        {
            _parker.ParkUnless(_isSet);
        }
    }
}
