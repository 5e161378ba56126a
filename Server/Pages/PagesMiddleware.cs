using ManagedSwarm.Server.Pages.Access;

namespace ManagedSwarm.Server.Pages;

/// <summary>Answers what pages ask for. Who may ask, <see cref="PageAccessMiddleware"/> has seen to.</summary>
internal sealed class PagesMiddleware(RequestDelegate next, PagesPipeline pages)
{
    public Task InvokeAsync(HttpContext http) => PagePaths.Owns(http.Request.Path) ? pages.InvokeAsync(http) : next(http);
}
