using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>Errors of the swarm's API.</summary>
internal static class SwarmErrors
{
    private const string PermissionError = "permission_error";

    public static ApiException CrossSite() => new(new(
        StatusCodes.Status403Forbidden, PermissionError, "cross_site_request", "Pages of other sites may not ask this"));

    public static ApiException NotLocal() => new(new(
        StatusCodes.Status403Forbidden, PermissionError, "local_only",
        "Only this machine may ask this, directly and by a local name such as 127.0.0.1; others need an API key (--api-key)"));

    public static ApiException P2pOff() => new(new(
        StatusCodes.Status409Conflict, OpenAiErrors.InvalidRequest, "p2p_off",
        "This node is in no swarm: start it with --p2p or --token, or POST a p2p_token to /api/settings"));

    public static ApiException PeerNotFound(string peer) => new(new(
        StatusCodes.Status404NotFound, OpenAiErrors.InvalidRequest, "peer_not_found",
        $"No member '{Describe.Shorten(peer)}' is known: expected 'self', an id, or a name that only one member has"));

    public static ApiException NotYet(string what) => new(new(
        StatusCodes.Status501NotImplemented, OpenAiErrors.ServerError, "not_implemented", $"{what} is not possible with this version"));

    public static ApiException TooManyWatchers(int allowed) => new(new(
        StatusCodes.Status503ServiceUnavailable, OpenAiErrors.ServerError, "too_many_watchers",
        $"{allowed} clients watch the swarm already; more are not allowed", RetryAfter: TimeSpan.FromSeconds(5)));

    public static ApiException StartFailed(StartException reason) => new(
        new(StatusCodes.Status500InternalServerError, OpenAiErrors.ServerError, "p2p_start_failed", $"P2P is off, as it cannot start: {reason.Message}"),
        reason);
}
