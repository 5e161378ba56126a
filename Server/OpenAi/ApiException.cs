namespace ManagedSwarm.Server.OpenAi;

/// <summary>An error as a client sees it: OpenAI's four fields and the HTTP status that goes with them.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">The kind of error, OpenAI's word: <c>invalid_request_error</c>, <c>server_error</c>, …</param>
/// <param name="Code">A stable, machine-readable name.</param>
/// <param name="Message">One line: what, found, allowed.</param>
/// <param name="Param">The request's parameter that is to blame, if one is.</param>
/// <param name="RetryAfter">When it makes sense to try again.</param>
internal sealed record ApiError(int Status, string Type, string Code, string Message, string? Param = null, TimeSpan? RetryAfter = null)
{
    /// <summary>How far the model is, where it is being loaded.</summary>
    public LoadingBody? Loading { get; init; }
}

/// <summary>Ends a request with an <see cref="ApiError"/>.</summary>
internal sealed class ApiException(ApiError error, Exception? innerException = null) : Exception(error.Message, innerException)
{
    public ApiError Error { get; } = error;
}
