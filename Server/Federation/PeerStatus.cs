namespace ManagedSwarm.Server.Federation;

/// <summary>What an instance's status says.</summary>
internal static class PeerStatus
{
    /// <summary>Whether another instance may do better: this one is full, still loads its model, or ends.</summary>
    public static bool IsWorthRetry(int status) =>
        status == StatusCodes.Status429TooManyRequests || OutcomeOf(status) == RouteOutcome.Failed;

    /// <summary>Whether the instance is in trouble: for certain, perhaps, or not at all. One that is full is not.</summary>
    public static RouteOutcome OutcomeOf(int status) => status switch
    {
        StatusCodes.Status500InternalServerError => RouteOutcome.Erred,
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout => RouteOutcome.Failed,
        _ => RouteOutcome.Answered,
    };
}
