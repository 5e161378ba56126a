using ManagedSwarm.Engine;
using ManagedSwarm.Server.P2p.Heads;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>The one place where errors become HTTP: what status, type and code each of them has.</summary>
internal static class OpenAiErrors
{
    public const string InvalidRequest = "invalid_request_error";
    public const string ServerError = "server_error";

    /// <summary>Where the engine does not know better: short enough not to idle and long enough not to hammer.</summary>
    private static readonly TimeSpan QueueRetryAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LoadingRetryAfter = TimeSpan.FromSeconds(2);

    /// <summary>A status that has no error of ours behind it: routing, body limits, the web server's own refusals.</summary>
    public static ApiError FromStatus(int status, string method, string path) => status switch
    {
        StatusCodes.Status404NotFound => new(status, InvalidRequest, "unknown_url", $"Unknown request URL: {method} {Describe.Shorten(path)}"),
        StatusCodes.Status405MethodNotAllowed =>
            new(status, InvalidRequest, "method_not_allowed", $"Not allowed method: {method} {Describe.Shorten(path)}; see the Allow header"),
        StatusCodes.Status413PayloadTooLarge => TooLarge(),
        StatusCodes.Status408RequestTimeout => new(status, InvalidRequest, "request_timeout", "The request arrived too slowly"),
        >= 400 and < 500 => new(status, InvalidRequest, "bad_request", $"The request was refused with status {status}"),
        _ => Internal() with { Status = status },
    };

    /// <summary>What a client sees of an exception.</summary>
    public static ApiError From(Exception exception, string method, string path) => exception switch
    {
        ApiException api => api.Error,
        EngineException engine => FromEngine(engine, engine.Parameter),
        BadHttpRequestException bad => FromStatus(bad.StatusCode, method, path),
        _ => Internal(),
    };

    public static ApiException Missing(string param, string expected) =>
        Invalid(param, "missing_required_parameter", $"Missing required parameter '{param}': expected {expected}");

    public static ApiException WrongType(string param, string expected, string found) =>
        Invalid(param, "invalid_type", $"Invalid type for '{param}': expected {expected}, found {found}");

    public static ApiException WrongValue(string param, string expected, string found) =>
        Invalid(param, "invalid_value", $"Invalid value for '{param}': expected {expected}, found {found}");

    public static ApiException Unsupported(string param, string allowed) =>
        Invalid(param, "unsupported_parameter", $"Unsupported parameter '{param}': {allowed}");

    public static ApiException Unknown(string param) =>
        Invalid(param, "unknown_parameter", $"Unknown parameter '{param}'");

    public static ApiException BadBody(string message) =>
        new(new(StatusCodes.Status400BadRequest, InvalidRequest, "invalid_json", message));

    public static ApiException ContextLengthExceeded(string param, string found, int contextLength) =>
        Invalid(
            param,
            "context_length_exceeded",
            $"The model's context is {contextLength} tokens, and one of them must be left for the reply; '{param}' has {found}");

    public static ApiError TooLarge() => new(
        StatusCodes.Status413PayloadTooLarge, InvalidRequest, "request_too_large",
        $"The request's body is too large: at most {RequestBody.MaxBytes} bytes are allowed");

    public static ApiException UnsupportedMediaType(string? found) => new(new(
        StatusCodes.Status415UnsupportedMediaType, InvalidRequest, "unsupported_media_type",
        $"Unsupported Content-Type: expected application/json, found {(string.IsNullOrEmpty(found) ? "none" : $"'{found}'")}"));

    public static ApiException ModelNotFound(string id, string served) => new(new(
        StatusCodes.Status404NotFound, InvalidRequest, "model_not_found",
        $"The model '{Describe.Shorten(id)}' does not exist here; served: '{served}'", "model"));

    public static ApiException ModelLoading() => new(new(
        StatusCodes.Status503ServiceUnavailable, ServerError, "model_loading",
        "The model is still being loaded; try again shortly", RetryAfter: LoadingRetryAfter));

    /// <summary>The model is on its way to the swarm's members, or waits for some.</summary>
    public static ApiException ModelLoading(HeadStatus status) => new(ModelLoading().Error with
    {
        Message = $"The model is not ready: {status.Message}",
        Loading = new(status.State.ToString().ToLowerInvariant(), status.Node, status.Progress, status.Remaining?.TotalSeconds),
    });

    public static ApiError ModelUnloaded() => new(
        StatusCodes.Status503ServiceUnavailable, ServerError, "model_unloaded", "No model is loaded: the last one was unloaded; load one on the page 'Models' of this node, or by POST /api/models/load");

    public static ApiException ShuttingDown(Exception inner) => new(
        new(StatusCodes.Status503ServiceUnavailable, ServerError, "shutting_down", "The server is shutting down; the reply was cut off"),
        inner);

    public static ApiError Unauthorized(bool presented) => new(
        StatusCodes.Status401Unauthorized, InvalidRequest, "invalid_api_key",
        presented ? "Incorrect API key provided" : "No API key provided: expected the header 'Authorization: Bearer KEY'");

    /// <summary>What a client sees of the engine's refusal.</summary>
    /// <param name="exception">The refusal.</param>
    /// <param name="param">The request's parameter that is to blame, if one is.</param>
    public static ApiError FromEngine(EngineException exception, string? param) => exception.Code switch
    {
        "context_length_exceeded" or "capacity_exceeded" or "empty_prompt" or "token_out_of_range" or "invalid_value" or "chat_template" =>
            new(StatusCodes.Status400BadRequest, InvalidRequest, exception.Code, exception.Message, param),
        "queue_full" =>
            new(
                StatusCodes.Status429TooManyRequests, "rate_limit_error", exception.Code, exception.Message,
                RetryAfter: exception.RetryAfter ?? QueueRetryAfter),
        "shutting_down" => ShuttingDown(exception).Error,
        // The swarm's part of it: what is said names nodes and layers, and the next try may find others.
        "stage_lost" or EngineException.SequencesLost or "step_timeout" or "model_loading" => new(
            StatusCodes.Status503ServiceUnavailable, ServerError, exception.Code, exception.Message, RetryAfter: LoadingRetryAfter),
        _ => Internal(),
    };

    // What went wrong inside is for the log, not for clients.
    private static ApiError Internal() => new(
        StatusCodes.Status500InternalServerError, ServerError, "internal_error",
        "The server failed to answer this request; its log says why");

    private static ApiException Invalid(string param, string code, string message) =>
        new(new(StatusCodes.Status400BadRequest, InvalidRequest, code, message, param));
}
