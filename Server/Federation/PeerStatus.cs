using System.Net;

namespace ManagedSwarm.Server.Federation;

/// <summary>What an instance's status says.</summary>
internal static class PeerStatus
{
    /// <summary>Whether another instance may do better: this one is full, still loads its model, or ends.</summary>
    public static bool IsWorthRetry(HttpStatusCode? status) => status is HttpStatusCode.TooManyRequests || IsOfInstance(status);

    /// <summary>Whether the instance is in trouble, whatever the request: 500 is not among them, as a request could make it everywhere.</summary>
    public static bool IsOfInstance(HttpStatusCode? status) =>
        status is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
