using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// What other members may ask: for replies, models and health, and for nothing else; in particular not for the token, settings and metrics.
/// They are let in by the swarm's token, so no API key is asked of them.
/// </summary>
internal sealed class PeerRequestMiddleware(RequestDelegate next)
{
    private const string Model = "/v1/models/";

    private static readonly HashSet<(string Method, string Path)> Allowed =
    [
        (HttpMethods.Post, "/v1/chat/completions"),
        (HttpMethods.Post, "/v1/completions"),
        (HttpMethods.Get, "/v1/models"),
        (HttpMethods.Get, "/healthz"),
        (HttpMethods.Head, "/healthz"),
        (HttpMethods.Get, "/readyz"),
        (HttpMethods.Head, "/readyz"),
    ];

    public Task InvokeAsync(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.Value ?? "");
        return PeerRequest.PeerOf(http) is null || IsAllowed(method, path)
            ? next(http)
            : JsonAnswer.WriteErrorAsync(http, OpenAiErrors.FromStatus(StatusCodes.Status404NotFound, method, path));
    }

    private static bool IsAllowed(string method, string path) =>
        Allowed.Contains((method, path))
        || (HttpMethods.IsGet(method) && path.Length > Model.Length && path.StartsWith(Model, StringComparison.Ordinal));
}
