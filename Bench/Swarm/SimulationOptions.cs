using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>What a simulated network is like.</summary>
internal sealed record SimulationOptions
{
    /// <summary>Of all that is drawn.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long a message takes; drawn anew for each, but none overtakes another of its session.</summary>
    public TimeSpan MinLatency { get; init; } = TimeSpan.FromMilliseconds(1);

    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The part of all messages that is lost although their session lives on; a real one would lose none.</summary>
    public double Loss { get; init; }

    /// <summary>How long a dial goes on that nobody answers.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a session lives over which nothing comes through.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(30);

    public MembershipOptions Membership { get; init; } = new() { Topic = "records" };
}
