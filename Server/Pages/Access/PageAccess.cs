using System.Security.Claims;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>
/// Who a visitor of the pages is. Where keys are set: who has signed in with one, or sends one. Else whoever is on this machine
/// (<see cref="LocalAccess"/>), and, where the pages are public, anyone, who then may look but neither see the token nor change anything.
/// </summary>
internal sealed class PageAccess(ApiServerOptions options, PageSessions sessions)
{
    /// <summary>Its value is the session's id.</summary>
    public const string SessionClaim = "managedswarm:session";

    /// <summary>Who has it may see the token and change this node.</summary>
    public const string TrustClaim = "managedswarm:trust";

    private const string Scheme = "page";

    /// <summary>Whether visitors have to sign in.</summary>
    public bool AsksForKey => options.ApiKeys.Count > 0;

    /// <summary>The cookie's name: cookies are of a host and not of a port, and two nodes may run on one.</summary>
    public static string CookieOf(HttpContext http) => $"managedswarm-session-{http.Connection.LocalPort}";

    /// <summary>Who asks; null: pages are not for them.</summary>
    public ClaimsPrincipal? Identify(HttpContext http)
    {
        if (AsksForKey)
        {
            return http.Request.Cookies[CookieOf(http)] is { } session && sessions.IsAlive(session) ? Visitor(new(TrustClaim, "session"), new(SessionClaim, session))
                : ApiKeyMiddleware.KeyOf(http.Request) is { } key && ApiKey.MatchesAny(options.ApiKeys, key) ? Visitor(new Claim(TrustClaim, "key"))
                : null;
        }

        return LocalAccess.IsLocal(http) ? Visitor(new Claim(TrustClaim, "local"))
            : options.IsUiPublic ? Visitor()
            : null;
    }

    /// <summary>Whether it is somebody who may act, at least until a session ends; else a guest, who may only look.</summary>
    public static bool MayAct(ClaimsPrincipal visitor) => visitor.HasClaim(claim => claim.Type == TrustClaim);

    private static ClaimsPrincipal Visitor(params Claim[] claims) => new(new ClaimsIdentity(claims, Scheme));
}
