using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// OpenAI's API for the whole swarm. What members ask of this node is answered by itself: a request is routed once.
/// </summary>
/// <param name="peers">The instances.</param>
/// <param name="router">Sends requests to them.</param>
/// <param name="own">This node's own endpoints.</param>
internal sealed class RouterEndpoints(PeerTable peers, RequestRouter router, OpenAiEndpoints own)
{
    private const string Owner = "managedswarm";

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var prefix in OpenAiEndpoints.Prefixes)
        {
            routes.MapGet(prefix + "/models", Choose(own.ListModelsAsync, ListModelsAsync));
            routes.MapGet(prefix + "/models/{**id}", Choose(own.GetModelAsync, GetModelAsync));
            routes.MapPost(prefix + "/chat/completions", Choose(own.ChatAsync, http => router.RouteAsync(http, "/v1/chat/completions", own.ChatAsync)));
            routes.MapPost(prefix + "/completions", Choose(own.CompleteAsync, http => router.RouteAsync(http, "/v1/completions", own.CompleteAsync)));
        }
    }

    private static RequestDelegate Choose(RequestDelegate ofMember, RequestDelegate ofClient) =>
        http => PeerRequest.PeerOf(http) is null ? ofClient(http) : ofMember(http);

    private Task ListModelsAsync(HttpContext http) => JsonAnswer.WriteAsync(
        http, StatusCodes.Status200OK, new RoutedModelList("list", [.. peers.Models.Select(CardOf)]), SwarmJson.Wire.RoutedModelList);

    private Task GetModelAsync(HttpContext http)
    {
        var id = Uri.UnescapeDataString((string?)http.Request.RouteValues["id"] ?? "");
        var models = peers.Models;
        var model = models.FirstOrDefault(model => model.Id == id) ?? throw FederationErrors.ModelNotFound(id, models.Select(model => model.Id));
        return JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, CardOf(model), SwarmJson.Wire.RoutedModelCard);
    }

    private static RoutedModelCard CardOf(RoutedModel model) => new(
        model.Id,
        "model",
        model.Since.ToUnixTimeSeconds(),
        Owner,
        new([.. model.Nodes.Select(node => new RoutedNodeBody(node.Id.ToString(), node.Name))]));
}
