using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport;

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

    public static ApiException PagesNotPublic() => new(new(
        StatusCodes.Status403Forbidden, PermissionError, "local_only",
        "Pages are shown to this machine only, directly and by a local name such as 127.0.0.1; to others where an API key is asked for (--api-key), "
        + "or to everybody with --ui-public"));

    public static ApiException P2pOff() => new(new(
        StatusCodes.Status409Conflict, OpenAiErrors.InvalidRequest, "p2p_off",
        "This node is in no swarm: start it with --p2p or --token, or POST a p2p_token to /api/settings"));

    public static ApiException PeerNotFound(string peer) => new(new(
        StatusCodes.Status404NotFound, OpenAiErrors.InvalidRequest, "peer_not_found",
        $"No member '{Describe.Shorten(peer)}' is known: expected 'self', an id, or a name that only one member has"));

    /// <param name="model">Which was asked for.</param>
    /// <param name="servedBy">Who serves it, as far as is known.</param>
    public static ApiException ModelNotHere(string model, IReadOnlyList<string> servedBy) => new(new(
        StatusCodes.Status404NotFound, OpenAiErrors.InvalidRequest, "model_not_found",
        $"This node neither serves the model '{Describe.Shorten(model)}' nor holds layers of it"
        + (servedBy.Count == 0 ? "" : $"; ask where it is served: {Describe.Shorten(string.Join(", ", servedBy))}"), "model"));

    /// <param name="name">Who was to leave.</param>
    /// <param name="reason">Why it does not.</param>
    public static ApiException NotDrained(string name, SwarmException reason) => new(
        reason.Code == "not_served"
            ? new(
                StatusCodes.Status409Conflict, OpenAiErrors.InvalidRequest, "not_a_worker",
                $"'{Describe.Shorten(name)}' is no worker: only workers hold layers that others could take; ask it on its own machine to leave")
            : new(
                StatusCodes.Status502BadGateway, OpenAiErrors.ServerError, "not_drained",
                $"'{Describe.Shorten(name)}' could not be asked to leave: {reason.Message}"),
        reason);

    public static ApiException TooManyWatchers(int allowed) => new(new(
        StatusCodes.Status503ServiceUnavailable, OpenAiErrors.ServerError, "too_many_watchers",
        $"{allowed} clients watch the swarm already; more are not allowed", RetryAfter: TimeSpan.FromSeconds(5)));

    public static ApiException TooManyGuests(int allowed) => new(new(
        StatusCodes.Status503ServiceUnavailable, OpenAiErrors.ServerError, "too_many_guests",
        $"{allowed} guests have pages of this node open already: more can be looked at, but are not kept up to date",
        RetryAfter: TimeSpan.FromSeconds(30)));

    public static ApiException NoWebSocket() => new(new(
        StatusCodes.Status426UpgradeRequired, OpenAiErrors.InvalidRequest, "no_websocket", "Guests' pages are kept up to date over a WebSocket, and by nothing else"));

    /// <param name="reason">Why.</param>
    /// <param name="isMember">Whether this node is in the swarm before.</param>
    public static ApiException StartFailed(StartException reason, bool isMember)
    {
        var outcome = isMember ? "This node stays in the swarm that it was in, as it cannot join the other" : "P2P is off, as it cannot start";
        return new(
            new(StatusCodes.Status500InternalServerError, OpenAiErrors.ServerError, "p2p_start_failed", $"{outcome}: {reason.Message}"), reason);
    }
}
