using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Assets;

namespace ManagedSwarm.Server.Pages;

/// <summary>
/// The pages, put together when somebody asks for the first time, or a moment after the node is ready: that takes half a second of a core, most
/// of it compilation, which neither a start nor the first visitor need wait for.
/// </summary>
internal sealed class PagesPipeline(IServiceProvider services, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>Whoever has started a node has something to do with it first.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly Lazy<RequestDelegate> _pages = new(() => PagesHosting.Create(services));

    /// <summary>Whether a page was shown, be it to nobody.</summary>
    public bool IsReady { get; private set; }

    public Task InvokeAsync(HttpContext http) => _pages.Value(http);

    /// <summary>Shows a page to nobody.</summary>
    public async Task WarmAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Moment, time, cancellationToken);
            await AskAsync(PagePaths.Swarm);
            await AskAsync(PageAssets.UrlOf("blazor.web.js"));
            IsReady = true;
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The node ends; or else the first visitor is told what is wrong.
        }
    }

    private async Task AskAsync(string path)
    {
        await using var scope = scopes.CreateAsyncScope();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        (http.Request.Method, http.Request.Scheme, http.Request.Host, http.Request.Path) = (HttpMethods.Get, Uri.UriSchemeHttp, new("localhost"), path);
        http.Request.Headers.AcceptEncoding = "br";
        await InvokeAsync(http);
        if (http.Response.StatusCode != StatusCodes.Status200OK)
        {
            throw new InvalidOperationException($"{path}: {http.Response.StatusCode}");
        }
    }
}
