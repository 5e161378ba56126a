namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>A node as the page shows it. Two that are equal look the same.</summary>
public sealed record NodeCard
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>alive, suspect, lost or left.</summary>
    public required string State { get; init; }

    public bool IsSelf { get; init; }

    public bool IsConnected { get; init; }

    public EqualList<string> Roles { get; init; } = [];

    public string Device { get; init; } = "";

    public int Cores { get; init; }

    /// <summary>In bytes.</summary>
    public long TotalMemory { get; init; }

    /// <summary>In bytes.</summary>
    public long FreeMemory { get; init; }

    /// <summary>Models that it serves or gives away.</summary>
    public EqualList<string> Models { get; init; } = [];

    public EqualList<LayerSpan> Layers { get; init; } = [];

    /// <summary>Null: it has not measured any.</summary>
    public int? TokensPerSecond { get; init; }

    public int InFlight { get; init; }

    public int Queued { get; init; }

    /// <summary>There and back; null: not measured.</summary>
    public double? RoundTripMs { get; init; }

    /// <summary>When it was known to live, by this node's clock, in words.</summary>
    public string Seen { get; init; } = "";

    public string Version { get; init; } = "";

    /// <summary>Where the session with it goes to.</summary>
    public string? Address { get; init; }

    /// <summary>Loads that are under way there, as far as this node knows.</summary>
    public EqualList<LoadCard> Loads { get; init; } = [];

    /// <summary>Whether it can be asked to hand its layers over and to leave.</summary>
    public bool CanDrain { get; init; }

    /// <summary>Models of this node that can be freed.</summary>
    public EqualList<string> CanUnload { get; init; } = [];

    /// <summary>The end of the id tells nodes apart; the beginning is that of all.</summary>
    public string ShortId => Id.Length > 8 ? "…" + Id[^8..] : Id;

    public int UsedPercent => TotalMemory > 0 ? ShownValue.Percent(TotalMemory - FreeMemory, TotalMemory) : 0;

    public string RoundTrip => IsSelf ? "this node" : ShownValue.Milliseconds(RoundTripMs);

    public bool IsGone => State is "lost" or "left";
}
