using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Federation;

/// <summary>Errors of the router.</summary>
internal static class FederationErrors
{
    /// <param name="model">Which is asked.</param>
    /// <param name="why">Why nobody can answer.</param>
    /// <param name="retryAfter">When it makes sense to try again.</param>
    public static ApiException NoInstance(string model, string why, TimeSpan retryAfter) => new(new(
        StatusCodes.Status503ServiceUnavailable, OpenAiErrors.ServerError, "no_instance",
        $"No instance can answer for the model '{Describe.Shorten(model)}' now: {why}", "model", retryAfter));

    /// <param name="model">Which is asked.</param>
    /// <param name="served">Those that instances have.</param>
    public static ApiException ModelNotFound(string model, IEnumerable<string> served) => new(new(
        StatusCodes.Status404NotFound, OpenAiErrors.InvalidRequest, "model_not_found",
        $"The model '{Describe.Shorten(model)}' does not exist in the swarm; served: {Describe.Shorten(string.Join(", ", served))}", "model"));

    /// <summary>A stream broke off, and nobody can go on with it.</summary>
    public static ApiError InstanceLost(string name) => new(
        StatusCodes.Status502BadGateway, OpenAiErrors.ServerError, "instance_lost",
        $"The instance '{Describe.Shorten(name)}' broke off in the middle of the reply, and no other can go on with it; ask again");
}
