using System.Diagnostics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>A wait that keeps its core for a short, bounded time: waking a thread that sleeps takes longer than most of the waits within a step.</summary>
/// <param name="limit">In ticks of <see cref="Stopwatch"/>; 0: do not wait at all.</param>
internal struct BoundedSpin(long limit)
{
    private const int TurnsPerLook = 8;

    // After this, other threads are let in at each look at the clock: on a machine with too few cores, it is they who are waited for.
    private static readonly long PoliteAfter = TicksOf(TimeSpan.FromMicroseconds(10));

    private long _start;
    private int _turn;

    /// <summary>A time in ticks of <see cref="Stopwatch"/>, which are not always those of <see cref="TimeSpan"/>.</summary>
    public static long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Waits a moment.</summary>
    /// <returns>False: the time is over.</returns>
    public bool TryOnce()
    {
        if (_turn++ % TurnsPerLook != 0)
        {
            Pause();
            return true;
        }

        var now = Stopwatch.GetTimestamp();
        if (_turn == 1)
        {
            _start = now;
        }

        var spent = now - _start;
        if (spent >= limit)
        {
            return false;
        }

        if (spent >= PoliteAfter)
        {
            Thread.Yield();
        }

        return true;
    }

    // Thread.SpinWait makes its turns equally long on all CPUs, which is longer than most need.
    private static void Pause()
    {
        if (X86Base.IsSupported)
        {
            X86Base.Pause();
        }
        else if (ArmBase.IsSupported)
        {
            ArmBase.Yield();
        }
        else
        {
            Thread.SpinWait(1);
        }
    }
}
