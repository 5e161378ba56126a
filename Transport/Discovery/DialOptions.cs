namespace ManagedSwarm.Transport.Discovery;

/// <summary>How many addresses are tried, and how often.</summary>
internal sealed record DialOptions
{
    /// <summary>Dials at once.</summary>
    public int Dials { get; init; } = 16;

    /// <summary>Sessions from which on rumours are not dialed any more: others are met through members then, by request.</summary>
    public int WantedSessions { get; init; } = 8;

    /// <summary>Addresses that are kept.</summary>
    public int Addresses { get; init; } = 1024;

    /// <summary>Addresses of one peer, or of nobody known, by one source: whoever names more is not believed more.</summary>
    public int AddressesPerPeer { get; init; } = 16;

    /// <summary>Addresses whose last trial is remembered.</summary>
    public int Trials { get; init; } = 128;

    /// <summary>The pause after an address has failed once; it doubles with each failure.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause for a node on this machine: its file says that it lives.</summary>
    public TimeSpan LongestLocalPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A session that ends earlier counts as a failure.</summary>
    public TimeSpan ShortSession { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The part of a pause by which it is longer or shorter, by chance: nodes that were cut off together do not come back together.</summary>
    public double Jitter { get; init; } = 0.25;

    /// <summary>How long one address of a peer has before the next one is tried beside it: some swallow everything and answer nothing.</summary>
    public TimeSpan Stagger { get; init; } = TimeSpan.FromMilliseconds(250);
}
