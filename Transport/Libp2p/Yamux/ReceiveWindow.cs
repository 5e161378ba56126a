namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// How much the other side may send on a stream. What the reader has taken is given back when it is half the window. A window doubles
/// where a few round trips' worth of data is more than it, and the reader keeps up: it grows towards bandwidth × delay. A reader that is
/// behind would get nothing sooner by a larger window; only more would wait for it. One thread at a time.
/// </summary>
/// <param name="time">For how much a round trip's worth is.</param>
/// <param name="budget">What all windows of the connection share.</param>
/// <param name="maximum">What the window may grow to, in bytes.</param>
internal sealed class ReceiveWindow(TimeProvider time, WindowBudget budget, int maximum)
{
    private const int RoundTrips = 4;

    private int _taken;

    // Since when and how much has come (a reader that was behind takes faster than that), and the most that waited for the reader meanwhile.
    private long _since = time.GetTimestamp();
    private double _received;
    private int _mostUnread;

    /// <summary>The window, in bytes.</summary>
    public int Size { get; private set; } = YamuxOptions.InitialWindow;

    /// <summary>How many bytes the other side may still send.</summary>
    public int Left { get; private set; } = YamuxOptions.InitialWindow;

    private int Unread => Size - Left - _taken;

    /// <summary>Counts bytes that come.</summary>
    /// <returns>False: they are more than allowed.</returns>
    public bool TryReceive(uint count)
    {
        if (count > (uint)Left)
        {
            return false;
        }

        Left -= (int)count;
        _received += count;
        _mostUnread = Math.Max(_mostUnread, Unread);
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

        var growth = IsTooSmall(roundTrip) ? Grow() : 0;
        var allowed = _taken + growth;
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

    private bool IsTooSmall(TimeSpan roundTrip)
    {
        var now = time.GetTimestamp();
        var lasted = time.GetElapsedTime(_since, now);
        if (lasted < roundTrip)
        {
            return false;
        }

        var isTooSmall = _mostUnread <= Size / 2 && _received * RoundTrips * roundTrip.Ticks > (double)Size * lasted.Ticks;
        (_since, _received, _mostUnread) = (now, 0, Unread);
        return isTooSmall;
    }

    private int Grow()
    {
        var growth = Math.Min(Size, maximum - Size);
        if (growth <= 0 || !budget.TryReserve(growth))
        {
            return 0;
        }

        Size += growth;
        return growth;
    }
}
