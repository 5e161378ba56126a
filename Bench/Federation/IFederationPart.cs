using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Federation;

/// <summary>One question of the federation's measurement.</summary>
internal interface IFederationPart
{
    /// <summary>What it is called on the command line.</summary>
    string Name { get; }

    /// <summary>Measures, and adds a section.</summary>
    Task AddToAsync(Report report, FederationScale scale, CancellationToken cancellationToken);
}

/// <summary>How much is measured.</summary>
/// <param name="Rounds">How often.</param>
/// <param name="Requests">Of a load.</param>
/// <param name="WarmUp">Requests before them, so that speeds are known.</param>
/// <param name="Tokens">Of a reply.</param>
/// <param name="Load">Offered load, of what all instances can do.</param>
/// <param name="Seconds">Of each measurement of a rate.</param>
internal sealed record FederationScale(int Rounds, int Requests, int WarmUp, int Tokens, double Load, int Seconds)
{
    /// <summary>Of the slowest instance.</summary>
    public static readonly MockSpeed Speed = new(TokensPerSecond: 160, PromptTokensPerSecond: 2000, Places: 4, CachedBlocks: 400);

    /// <summary>Four instances that are 1, 1, 2 and 4 times as fast.</summary>
    public static readonly IReadOnlyList<MockSpeed> Speeds = [Speed, Speed, Speed.Times(2), Speed.Times(4)];

    public TimeSpan Duration => TimeSpan.FromSeconds(Seconds);

    /// <summary>Requests per second that are offered.</summary>
    public double PerSecond => Load * Speeds.Sum(speed => speed.TokensPerSecond) / Tokens;
}
