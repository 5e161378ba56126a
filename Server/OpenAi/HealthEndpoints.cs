namespace ManagedSwarm.Server.OpenAi;

/// <summary><c>/healthz</c>: the process lives; <c>/readyz</c>: it answers requests.</summary>
internal static class HealthEndpoints
{
    private const string Live = "/healthz";
    private const string Ready = "/readyz";
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static bool IsProbe(PathString path) => path == Live || path == Ready;

    /// <param name="routes">Where they are added.</param>
    /// <param name="whyNotReady">What keeps it from answering requests; null: nothing.</param>
    public static void Map(IEndpointRouteBuilder routes, Func<ApiError?> whyNotReady)
    {
        routes.MapMethods(Live, Methods, http => WriteAsync(http, StatusCodes.Status200OK, "ok"));
        routes.MapMethods(Ready, Methods, http => whyNotReady() is { } error
            ? JsonAnswer.WriteErrorAsync(http, error)
            : WriteAsync(http, StatusCodes.Status200OK, "ok"));
    }

    private static Task WriteAsync(HttpContext http, int status, string text) =>
        JsonAnswer.WriteAsync(http, status, new HealthStatus(text), OpenAiJson.Wire.HealthStatus);
}
