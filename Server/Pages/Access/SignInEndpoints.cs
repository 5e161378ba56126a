using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>
/// <c>/sign-in</c>: asks for one of the keys, once, and gives a cookie for it that no script can read and no other site's page makes a
/// browser send. That forms are this site's own, <see cref="PageAccessMiddleware"/> has seen to.
/// </summary>
internal sealed class SignInEndpoints(ApiServerOptions options, PageAccess access, PageSessions sessions, GuessLimit limit)
{
    private const string KeyField = "key";
    private const string NextField = "next";
    private const int MaxFormBytes = 16 * 1024;

    /// <summary>Where to sign in, to be led to a page then.</summary>
    public static string UrlFor(PathString page) => $"{PagePaths.SignIn}?{NextField}={Uri.EscapeDataString(page.Value ?? PagePaths.Home)}";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(PagePaths.SignIn, http => access.AsksForKey ? WriteFormAsync(http, http.Request.Query[NextField], null) : GoTo(http, PagePaths.Home));
        routes.MapPost(PagePaths.SignIn, SignInAsync).WithMetadata(new RequestSizeLimitAttribute(MaxFormBytes));
        routes.MapPost(PagePaths.SignOut, SignOut);
    }

    private async Task SignInAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        var next = form[NextField].ToString();
        var from = http.Connection.RemoteIpAddress;
        if (!limit.TryBegin(from))
        {
            http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            await WriteFormAsync(http, next, "That was tried too often. Wait a minute.");
        }
        else if (!ApiKey.MatchesAny(options.ApiKeys, form[KeyField].ToString().Trim()))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await WriteFormAsync(http, next, "This is none of the keys of this node.");
        }
        else
        {
            limit.Succeeded(from);
            http.Response.Cookies.Append(PageAccess.CookieOf(http), sessions.Begin(), new()
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = http.Request.IsHttps,
                MaxAge = PageSessions.Lifetime,
                Path = "/",
            });
            await GoTo(http, PageOf(next));
        }
    }

    private static Task WriteFormAsync(HttpContext http, string? next, string? error) => new RazorComponentResult<SignInPage>(
        new Dictionary<string, object?> { [nameof(SignInPage.Next)] = PageOf(next), [nameof(SignInPage.Error)] = error }).ExecuteAsync(http);

    private Task SignOut(HttpContext http)
    {
        if (http.Request.Cookies[PageAccess.CookieOf(http)] is { } session)
        {
            sessions.End(session);
            http.Response.Cookies.Delete(PageAccess.CookieOf(http), new() { Path = "/" });
        }

        return GoTo(http, PagePaths.Home);
    }

    // The method of what follows is GET (RFC 9110, 15.4.4).
    private static Task GoTo(HttpContext http, string path)
    {
        http.Response.StatusCode = StatusCodes.Status303SeeOther;
        http.Response.Headers.Location = path;
        return Task.CompletedTask;
    }

    // Nothing but our own pages: else the form would lead people anywhere.
    private static string PageOf(string? next) => next is not null && next.StartsWith('/') && PagePaths.IsPage(next) ? next : PagePaths.Home;
}
