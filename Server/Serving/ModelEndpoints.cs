using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Serving;

/// <summary><c>/api/models</c>: which models this node may load, and loads and frees them. For who may change this node.</summary>
internal sealed class ModelEndpoints(ModelService serving, CatalogView catalog, ModelSlot slot, LocalAccess access)
{
    public const string Path = "/api/models";
    public const string LoadPath = Path + "/load";
    public const string UnloadPath = Path + "/unload";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, access.Guard(ListAsync));
        routes.MapPost(LoadPath, access.Guard(LoadAsync));
        routes.MapPost(UnloadPath, access.Guard(UnloadAsync));
    }

    private Task ListAsync(HttpContext http)
    {
        var body = new CatalogBody("list", [.. catalog.Look().Select(model => new CatalogModelBody(
            model.File.Name,
            model.File.Bytes,
            NameOf(model.State),
            model.State == ModelState.Loading ? catalog.Progress : null,
            model.State == ModelState.Failed ? slot.Failure?.Reason : null))]);
        return JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, body, ModelJson.Wire.CatalogBody);
    }

    private async Task LoadAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted);
        var choice = ReadChoice(new JsonParameters(body.RootElement, ""));
        try
        {
            serving.Replace(choice);
        }
        catch (StartException refusal)
        {
            throw new ApiException(new(StatusCodes.Status409Conflict, OpenAiErrors.InvalidRequest, "not_loadable", refusal.Message), refusal);
        }

        await JsonAnswer.WriteAsync(
            http, StatusCodes.Status202Accepted, new ModelStateBody(choice.Model, NameOf(ModelState.Loading)), ModelJson.Wire.ModelStateBody);
    }

    private async Task UnloadAsync(HttpContext http)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted);
        var parameters = new JsonParameters(body.RootElement, "");
        var model = ReadModel(parameters);
        parameters.End();
        if (!await serving.UnloadAsync(model))
        {
            throw NotFound(model, "is neither loaded here nor on its way");
        }

        await JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, new ModelStateBody(model, NameOf(ModelState.Unloaded)), ModelJson.Wire.ModelStateBody);
    }

    private ModelChoice ReadChoice(JsonParameters parameters)
    {
        var model = ReadModel(parameters);
        var choice = new ModelChoice(
            model, (int?)parameters.Integer("context", 0, RunOptions.MaxContext), (int?)parameters.Integer("min_workers", 0, SplitOptions.MaxWorkers), ReadSplit(parameters));
        parameters.End();
        return serving.Catalog?.Find(model) is null
            ? throw NotFound(model, $"is none of those that this node can load: GET {Path} lists them")
            : choice;
    }

    private static string ReadModel(JsonParameters parameters) => parameters.Text("model") ?? throw OpenAiErrors.Missing("model", "the id of a model");

    private static string? ReadSplit(JsonParameters parameters) => parameters.Text("split") is not { } split ? null
        : ModelChoice.Strategies.Contains(split) ? split
        : throw OpenAiErrors.WrongValue("split", $"one of {string.Join(", ", ModelChoice.Strategies)}", Describe.Shorten(split));

    private static ApiException NotFound(string model, string what) => new(new(
        StatusCodes.Status404NotFound, OpenAiErrors.InvalidRequest, "model_not_found", $"The model '{Describe.Shorten(model)}' {what}", "model"));

    private static string NameOf(ModelState state) => state.ToString().ToLowerInvariant();
}
