using System.Net;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>
/// Who may see the token and change this node. Where keys are set, who has one (<see cref="ApiKeyMiddleware"/> has seen to that). Else who
/// is on this machine: judged by the connection's address, never by what the request says, and not through a proxy, which makes strangers
/// look local; and under a local name, as a stranger's name that points here is what a page of that stranger uses (DNS rebinding). Never a
/// page of another site (https://www.w3.org/TR/fetch-metadata, https://fetch.spec.whatwg.org/#origin-header).
/// </summary>
internal sealed class LocalAccess(ApiServerOptions options)
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <summary>What proxies add to requests that they pass on.</summary>
    private static readonly string[] ProxyHeaders =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via", "CF-Connecting-IP", "True-Client-IP"];

    /// <summary>Lets only those through who may.</summary>
    public RequestDelegate Guard(RequestDelegate handler) => http =>
    {
        Require(http);
        return handler(http);
    };

    /// <exception cref="ApiException">403: who asks may not.</exception>
    public void Require(HttpContext http)
    {
        // Whatever is answered must stay with who asked.
        http.Response.Headers.CacheControl = "no-store";
        if (IsOfAnotherSite(http.Request))
        {
            throw SwarmErrors.CrossSite();
        }

        if (options.ApiKeys.Count == 0 && !IsLocal(http))
        {
            throw SwarmErrors.NotLocal();
        }
    }

    /// <summary>Whether a program of this machine asks, directly and by a local name.</summary>
    public static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && !ProxyHeaders.Any(http.Request.Headers.ContainsKey)
        && IsLocalName(http.Request.Host.Host);

    private static bool IsLocalName(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Whether a browser says that a page of another site asks.</summary>
    public static bool IsOfAnotherSite(HttpRequest request) =>
        request.Headers.TryGetValue(FetchSite, out var site) && !IsOneOf(site, "same-origin", "none")
        || request.Headers.TryGetValue(HeaderNames.Origin, out var origin) && !IsOwn(origin, request.Host);

    // Where a proxy ends TLS, the scheme is another, but never the host and its port.
    private static bool IsOwn(StringValues origin, HostString host) =>
        origin is [{ } only]
        && Uri.TryCreate(only, UriKind.Absolute, out var uri)
        && string.Equals(uri.Authority, host.Value, StringComparison.OrdinalIgnoreCase);

    private static bool IsOneOf(StringValues found, params ReadOnlySpan<string> allowed) =>
        found is [{ } only] && allowed.Contains(only, StringComparer.OrdinalIgnoreCase);
}
