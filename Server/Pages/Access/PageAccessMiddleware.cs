using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>
/// Lets only those to the pages who may see them, and tells browsers to load nothing from elsewhere. A link on another site may lead to a
/// page; anything else that another site's page asks for is refused, the connection (a WebSocket, which browsers open to any site) above all.
/// </summary>
internal sealed class PageAccessMiddleware(RequestDelegate next, PageAccess access)
{
    // https://www.w3.org/TR/CSP3: everything is ours; images may be in the page itself.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        + "frame-ancestors 'none'; base-uri 'self'";

    public Task InvokeAsync(HttpContext http)
    {
        var path = http.Request.Path;
        if (!PagePaths.Owns(path))
        {
            return next(http);
        }

        SetHeaders(http.Response.Headers);
        if (LocalAccess.IsOfAnotherSite(http.Request) && !IsLinkTo(http.Request))
        {
            throw SwarmErrors.CrossSite();
        }

        if (access.Identify(http) is { } visitor)
        {
            http.User = visitor;
            return next(http);
        }

        return access.AsksForKey ? AskForKeyAsync(http) : throw SwarmErrors.PagesNotPublic();
    }

    private Task AskForKeyAsync(HttpContext http)
    {
        if (PagePaths.IsOpen(http.Request.Path))
        {
            return next(http);
        }

        if (!PagePaths.IsPage(http.Request.Path) || !HttpMethods.IsGet(http.Request.Method))
        {
            return JsonAnswer.WriteErrorAsync(http, OpenAiErrors.Unauthorized(presented: false));
        }

        http.Response.Redirect(SignInEndpoints.UrlFor(http.Request.Path));
        return Task.CompletedTask;
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        // Others are told nothing; with no-referrer, our own forms would not say whose they are, either (Origin: null).
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static bool IsLinkTo(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && PagePaths.IsPage(request.Path) && request.Headers["Sec-Fetch-Mode"] is ["navigate"]
        && request.Headers["Sec-Fetch-Dest"] is ["document"];
}
