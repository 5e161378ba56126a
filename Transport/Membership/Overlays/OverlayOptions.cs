namespace ManagedSwarm.Transport.Membership.Overlays;

/// <summary>How many sessions a node keeps, and how hard it tries to get them.</summary>
internal sealed record OverlayOptions
{
    /// <summary>Up to so many members, this one among them, each has a session with each.</summary>
    public int FullMesh { get; init; } = 24;

    /// <summary>Beyond that: neighbours on the ring of ids, on each side. They hold the swarm together.</summary>
    public int RingNeighbours { get; init; } = 2;

    /// <summary>Beyond that: others that are as good as drawn, the same from both sides. They make its ways short.</summary>
    public int RandomNeighbours { get; init; } = 6;

    /// <summary>Sessions with nodes for whose records there is no room, which lead out of what this node knows.</summary>
    public int Strangers { get; init; } = 4;

    /// <summary>With fewer sessions, none is given up.</summary>
    public int MinDegree { get; init; } = 8;

    /// <summary>Between two looks at what is needed.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The same, while nothing happens.</summary>
    public TimeSpan IdleInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the one with the larger id leaves it to the other to dial.</summary>
    public TimeSpan Courtesy { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Dials at once.</summary>
    public int MaxDials { get; init; } = 8;

    /// <summary>After the first dial that fails; then twice as long each time.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a new session is needed whatever it is for.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session that neither side needs stays open.</summary>
    public TimeSpan SurplusTime { get; init; } = TimeSpan.FromSeconds(5);
}
