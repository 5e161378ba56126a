using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Assets;

namespace ManagedSwarm.Server.Pages;

/// <summary>
/// The pages, put together when somebody asks for the first time, or a moment after the node listens: that takes half a second of a core, most
/// of it compilation, which the first visitor need not wait for. A large model is being loaded meanwhile.
/// </summary>
internal sealed class PagesPipeline(IServiceProvider services, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>A node whose model is small is ready by then, or nearly so: it need not share the cores on its way.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(250);

    private readonly Lazy<RequestDelegate> _pages = new(() => PagesHosting.Create(services));

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a page was shown, be it to nobody; cancelled where it could not be.</summary>
    public Task Ready => _ready.Task;

    public Task InvokeAsync(HttpContext http) => _pages.Value(http);

    /// <summary>Shows a page to nobody.</summary>
    public async Task WarmAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Moment, time, cancellationToken);
            await AskAsync(PagePaths.Swarm);
            await AskAsync(PageAssets.UrlOf("blazor.web.js"));
            _ready.TrySetResult();
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException or ObjectDisposedException)
        {
            // The node ends; or else the first visitor is told what is wrong.
            _ready.TrySetCanceled(CancellationToken.None);
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
