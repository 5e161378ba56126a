using ManagedSwarm.Server.Pages.Access;

namespace ManagedSwarm.Server.Pages;

/// <summary>
/// Answers what pages ask for. They are put together when somebody asks for the first time: that takes a tenth of a second, which a start need
/// not wait for. Who may ask, <see cref="PageAccessMiddleware"/> has seen to.
/// </summary>
internal sealed class PagesMiddleware(RequestDelegate next, IServiceProvider services)
{
    private readonly Lazy<RequestDelegate> _pages = new(() => PagesHosting.Create(services));

    public Task InvokeAsync(HttpContext http) => PagePaths.Owns(http.Request.Path) ? _pages.Value(http) : next(http);
}
