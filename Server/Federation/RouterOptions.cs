using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Server.Federation;

/// <summary>How requests are shared out among the instances of the swarm.</summary>
internal sealed record RouterOptions
{
    public RoutePolicyKind Policy { get; init; } = RoutePolicyKind.Balanced;

    /// <summary>The only instance that gets requests, by its id or its name, where the policy is <see cref="RoutePolicyKind.Target"/>.</summary>
    public string? Target { get; init; }

    /// <summary>Instances that one request may be sent to, one after another.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Retries that each request allows on average: where all instances are in trouble, retries would make it worse.</summary>
    public double RetriesPerRequest { get; init; } = 0.2;

    /// <summary>Retries that are allowed in one go, beside those.</summary>
    public int RetryReserve { get; init; } = 20;

    /// <summary>How long the connection to an instance may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an instance may say nothing: a long prompt takes minutes on a slow machine. One that is gone shows much sooner.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>When clients are asked to come back where no instance has their model now.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a model is known that no instance has any more: after that, it does not exist.</summary>
    public TimeSpan RememberModels { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long it takes until an instance that has come gets its full share.</summary>
    public TimeSpan SlowStart { get; init; } = TimeSpan.FromSeconds(20);

    public BreakerOptions Breaker { get; init; } = new();
}
