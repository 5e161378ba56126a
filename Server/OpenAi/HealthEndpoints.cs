using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.OpenAi;

/// <summary><c>/healthz</c>: the process lives; <c>/readyz</c>: it answers requests.</summary>
internal static class HealthEndpoints
{
    private const string Live = "/healthz";
    private const string Ready = "/readyz";
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static bool IsProbe(PathString path) => path == Live || path == Ready;

    public static void Map(IEndpointRouteBuilder routes, ModelSlot models)
    {
        routes.MapMethods(Live, Methods, http => WriteAsync(http, StatusCodes.Status200OK, "ok"));
        routes.MapMethods(Ready, Methods, http => models.Current is null
            ? JsonAnswer.WriteErrorAsync(http, OpenAiErrors.ModelLoading().Error)
            : WriteAsync(http, StatusCodes.Status200OK, "ok"));
    }

    private static Task WriteAsync(HttpContext http, int status, string text) =>
        JsonAnswer.WriteAsync(http, status, new HealthStatus(text), OpenAiJson.Wire.HealthStatus);
}
