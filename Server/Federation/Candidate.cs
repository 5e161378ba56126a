using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Federation;

/// <summary>An instance that could have a request, as it is now.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Name">What its user calls it.</param>
/// <param name="Load">Requests that it has or that wait there: this router's, and others' as far as is known.</param>
/// <param name="Weight">How fast it is, against the mean of all; less while it is new. Above 0.</param>
/// <param name="LastTurn">The number of the last request that it got: the larger, the later.</param>
internal sealed record Candidate(PeerId Id, string Name, int Load, double Weight, long LastTurn)
{
    private ulong? _key;

    /// <summary>How fast it is, roughly, so that routers side by side have the same number; see <see cref="SpeedClass"/>. Above 0.</summary>
    public double Class { get; init; } = 1;

    /// <summary>The id as a number that is the same for all routers.</summary>
    public ulong Key => _key ??= StableHash.Of(Id.Bytes.Span);

    /// <summary>How long what it has takes, in requests of an instance of mean speed.</summary>
    public double ToDo => Load / Weight;

    /// <summary>How busy it would be with one more request, against what it can do.</summary>
    public double Busyness => (Load + 1) / Weight;
}
