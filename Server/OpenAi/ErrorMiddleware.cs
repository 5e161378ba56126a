using ManagedSwarm.Server.Diagnostics;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>Gives every error OpenAI's body: those thrown by endpoints, and the bare statuses of routing (404, 405).</summary>
internal sealed class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    /// <summary>nginx's status for a client that did not wait; only the log sees it.</summary>
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext http)
    {
        var (method, path) = (http.Request.Method, http.Request.Path.ToString());
        try
        {
            await next(http);
            if (http.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null })
            {
                await JsonAnswer.WriteErrorAsync(http, OpenAiErrors.FromStatus(http.Response.StatusCode, method, path));
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            SetStatusUnlessStarted(http.Response, ClientClosedRequest);
            ServerLog.ClientGone(logger, method, path);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            var error = OpenAiErrors.From(exception, method, path);
            if (error.Status == StatusCodes.Status500InternalServerError)
            {
                ServerLog.RequestFailed(logger, exception, method, path);
            }
            else
            {
                ServerLog.RequestRefused(logger, method, path, error.Status, error.Code);
            }

            await JsonAnswer.WriteErrorAsync(http, error);
        }
    }

    private static void SetStatusUnlessStarted(HttpResponse response, int status)
    {
        try
        {
            response.StatusCode = response.HasStarted ? response.StatusCode : status;
        }
        catch (InvalidOperationException) when (response.HasStarted)
        {
            // It started between the two: what was being written when the client left.
        }
    }
}
