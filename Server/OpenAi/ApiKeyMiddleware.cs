using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Chat;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>
/// Asks for <c>Authorization: Bearer KEY</c> where keys are set. Only the health probes stay open, and what says which program this
/// is, and to members of the swarm what <see cref="PeerRequestMiddleware"/> lets through; <c>/metrics</c> does not: it tells strangers how the server is used, and Prometheus can send a bearer token.
/// </summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, ApiServerOptions options, OwnKey own)
{
    private const string Scheme = "Bearer ";

    /// <summary>The key that a request brings along; null: none.</summary>
    public static string? KeyOf(HttpRequest request) =>
        (string?)request.Headers.Authorization is { } header && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..].Trim()
            : null;

    public Task InvokeAsync(HttpContext http)
    {
        if (options.ApiKeys.Count == 0 || IsOpen(http.Request.Path) || PeerRequest.PeerOf(http) is not null)
        {
            return next(http);
        }

        var presented = KeyOf(http.Request);
        if (presented is not null && ApiKey.MatchesAny([.. options.ApiKeys, own.Key], presented))
        {
            return next(http);
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        return JsonAnswer.WriteErrorAsync(http, OpenAiErrors.Unauthorized(presented is not null));
    }

    // Pages have a guard of their own, as a browser cannot send that header.
    private static bool IsOpen(PathString path) =>
        HealthEndpoints.IsProbe(path) || path == SettingsEndpoints.WellKnownPath || PagePaths.Owns(path);
}
