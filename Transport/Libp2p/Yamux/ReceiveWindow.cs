namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// How much the other side may send on a stream. What the reader has taken is given back when it is half the window. A window that is
/// half used up within a few round trips is what holds the sender up, so it doubles: it grows towards bandwidth × delay. One thread at
/// a time.
/// </summary>
/// <param name="time">For how long half a window lasts.</param>
/// <param name="budget">What all windows of the connection share.</param>
/// <param name="maximum">What the window may grow to, in bytes.</param>
internal sealed class ReceiveWindow(TimeProvider time, WindowBudget budget, int maximum)
{
    private const int RoundTrips = 4;

    private long _since = time.GetTimestamp();
    private int _taken;

    /// <summary>The window, in bytes.</summary>
    public int Size { get; private set; } = YamuxOptions.InitialWindow;

    /// <summary>How many bytes the other side may still send.</summary>
    public int Left { get; private set; } = YamuxOptions.InitialWindow;

    /// <summary>Counts bytes that come.</summary>
    /// <returns>False: they are more than allowed.</returns>
    public bool TryReceive(uint count)
    {
        if (count > (uint)Left)
        {
            return false;
        }

        Left -= (int)count;
        return true;
    }

    /// <summary>Counts bytes that were read.</summary>
    /// <param name="roundTrip">How long the connection's round trip takes; zero: not known yet.</param>
    /// <returns>How many bytes the other side is to be allowed now; 0: it need not be told yet.</returns>
    public int Take(int count, TimeSpan roundTrip)
    {
        _taken += count;
        if (_taken < Size / 2)
        {
            return 0;
        }

        var allowed = _taken + Grow(roundTrip);
        Left += allowed;
        _taken = 0;
        return allowed;
    }

    /// <summary>Gives back what the window has grown by; it is not used any more.</summary>
    public void Release()
    {
        budget.Release(Size - YamuxOptions.InitialWindow);
        Size = YamuxOptions.InitialWindow;
    }

    private int Grow(TimeSpan roundTrip)
    {
        var now = time.GetTimestamp();
        var lasted = time.GetElapsedTime(_since, now);
        _since = now;
        var growth = Math.Min(Size, maximum - Size);
        if (growth <= 0 || lasted >= roundTrip * RoundTrips || !budget.TryReserve(growth))
        {
            return 0;
        }

        Size += growth;
        return growth;
    }
}
