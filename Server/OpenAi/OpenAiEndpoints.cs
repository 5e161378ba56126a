using ManagedSwarm.Engine;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>OpenAI's API (https://platform.openai.com/docs/api-reference), under <c>/v1</c> and, as LocalAI has it, without it.</summary>
internal sealed class OpenAiEndpoints(ModelSlot models, ReplyRunner runner, TimeProvider time)
{
    public static readonly IReadOnlyList<string> Prefixes = ["/v1", ""];

    private delegate (ReplyRequest Request, IReplyFormat Format) ReadRequest(JsonParameters parameters, IServedModel model, MemberRequest? member);

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var prefix in Prefixes)
        {
            routes.MapGet(prefix + "/models", ListModelsAsync);
            // An id may have slashes, which clients send as they are or as %2F.
            routes.MapGet(prefix + "/models/{**id}", GetModelAsync);
            routes.MapPost(prefix + "/chat/completions", ChatAsync);
            routes.MapPost(prefix + "/completions", CompleteAsync);
        }
    }

    public Task ChatAsync(HttpContext http) => AnswerAsync(http, "messages", ReadChat);

    public Task CompleteAsync(HttpContext http) => AnswerAsync(http, "prompt", ReadCompletion);

    public Task ListModelsAsync(HttpContext http) =>
        JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, new ModelList("list", [CardOf(models.Require())]), OpenAiJson.Wire.ModelList);

    public Task GetModelAsync(HttpContext http)
    {
        var id = Uri.UnescapeDataString((string?)http.Request.RouteValues["id"] ?? "");
        return JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, CardOf(models.Require(id)), OpenAiJson.Wire.ModelCard);
    }

    /// <param name="http">The request.</param>
    /// <param name="promptName">What its prompt is called, for the engine's refusals.</param>
    /// <param name="read">Reads the request's parameters.</param>
    private async Task AnswerAsync(HttpContext http, string promptName, ReadRequest read)
    {
        using var body = await RequestBody.ReadJsonAsync(http.Request, http.RequestAborted);
        var parameters = new JsonParameters(body.RootElement, "");
        // One model is served, so there is no doubt which one a request without a name means.
        var model = parameters.Text("model") is { } id ? models.Require(id) : models.Require();
        try
        {
            var (request, format) = read(parameters, model, MemberRequest.Read(http, parameters));
            await runner.AnswerAsync(http, model, request, format);
        }
        catch (EngineException refusal)
        {
            var param = refusal.Parameter == "prompt" ? promptName : refusal.Parameter;
            throw new ApiException(OpenAiErrors.FromEngine(refusal, param), refusal);
        }
    }

    private (ReplyRequest Request, IReplyFormat Format) ReadChat(JsonParameters parameters, IServedModel model, MemberRequest? member)
    {
        var request = ChatRequestReader.Read(parameters, model);
        var identity = ReplyIdentity.New("chatcmpl-", request, model, time);
        return member is null
            ? (request, new ChatFormat(identity))
            : (member.Apply(request), new ChatFormat(member.Apply(identity)));
    }

    private (ReplyRequest Request, IReplyFormat Format) ReadCompletion(JsonParameters parameters, IServedModel model, MemberRequest? member)
    {
        var (request, echoes) = CompletionRequestReader.Read(parameters, model);
        var identity = ReplyIdentity.New("cmpl-", request, model, time);
        return member is null
            ? (request, new CompletionFormat(identity, echoes))
            : (member.Apply(request), new CompletionFormat(member.Apply(identity), echoes));
    }

    private static ModelCard CardOf(IServedModel model) => new(model.Id, "model", model.Created.ToUnixTimeSeconds(), "managedswarm");
}
