namespace ManagedSwarm.Engine.Kernels;

/// <summary>Lets one thread sleep until another wakes it, with no wake-up lost and none left over for later.</summary>
/// <remarks>
/// <para>
/// The state is awake or parked. Only the owner goes from awake to parked (<see cref="Announce"/>), and whoever goes back from parked to
/// awake by compare-and-swap ends that one sleep: a waker, who owes exactly one signal then, or the owner itself (<see cref="Withdraw"/>),
/// who owes none. So a signal is sent once for each sleep that a waker ended, and the owner always takes it before it can announce the next.
/// </para>
/// <para>
/// Announcing is a full fence, and wakers have one between what they publish and <see cref="TryWake"/>. The owner looks at what it waits for
/// after it has announced. So either the owner sees what was published, or the waker sees that the owner is parked (or both): a wake-up
/// is never lost. A waker may be late, and end a sleep that is about something else: owners ask again what they wait for.
/// </para>
/// </remarks>
internal sealed class Parker
{
    private const int Awake = 0;
    private const int Parked = 1;

    private readonly object _gate = new();
    private int _state = Awake;
    private bool _isSignalled;

    /// <summary>Whether the owner sleeps, or is about to.</summary>
    public bool IsParked => Volatile.Read(ref _state) == Parked;

    /// <summary>The owner sleeps until it is woken, unless what it waits for is there already.</summary>
    /// <param name="isThere">Asked once the sleep is announced.</param>
    public void ParkUnless(Func<bool> isThere)
    {
        Announce();
        if (isThere())
        {
            Withdraw();
        }
        else
        {
            Sleep();
        }
    }

    /// <summary>The owner will sleep. It looks once more at what it waits for, and then either sleeps or withdraws.</summary>
    public void Announce() => Interlocked.Exchange(ref _state, Parked);

    /// <summary>The owner will not sleep after all.</summary>
    public void Withdraw()
    {
        if (Interlocked.CompareExchange(ref _state, Awake, Parked) != Parked)
        {
            // Somebody has ended the sleep before it began: the signal is under way, and must not meet the next sleep.
            Sleep();
        }
    }

    /// <summary>The owner, having announced it, sleeps until it is woken.</summary>
    public void Sleep()
    {
        lock (_gate)
        {
            while (!_isSignalled)
            {
                Monitor.Wait(_gate);
            }

            _isSignalled = false;
        }
    }

    /// <summary>Ends the owner's sleep; called after a full fence behind what the owner waits for.</summary>
    /// <returns>Whether it slept, or had announced it.</returns>
    public bool TryWake()
    {
        if (!IsParked || Interlocked.CompareExchange(ref _state, Awake, Parked) != Parked)
        {
            return false;
        }

        lock (_gate)
        {
            _isSignalled = true;
            Monitor.Pulse(_gate);
        }

        return true;
    }
}
