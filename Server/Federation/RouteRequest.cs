using System.Text;
using System.Text.Json;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// A request that is to be sent on: its bytes as they came, which a retry sends once more, and the little that the router reads of them. What
/// else is in there is for the instance to judge.
/// </summary>
internal sealed record RouteRequest
{
    /// <summary>The request's header that names a session: requests of one go to one instance as long as it is there.</summary>
    public const string SessionHeader = "X-ManagedSwarm-Session";

    /// <summary>The body.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The model that is asked.</summary>
    public required string Model { get; init; }

    /// <summary>Whether the reply comes as events.</summary>
    public bool IsStream { get; init; }

    /// <summary>Whether another instance that computes the same could go on with the reply: a single one, greedy or with a seed.</summary>
    public bool IsResumable { get; init; }

    /// <inheritdoc cref="PromptPrefix"/>
    public IReadOnlyList<ulong> Prefix { get; init; } = [];

    /// <summary>A number for the session; null: it is of none.</summary>
    public ulong? Session { get; init; }

    /// <summary>Reads a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="onlyModel">The model where there is just one: then requests need not name it. Null: there are more, or none.</param>
    /// <exception cref="ApiException">It is no JSON object, too large, or names no model.</exception>
    public static async Task<RouteRequest> ReadAsync(HttpContext http, string? onlyModel)
    {
        var (bytes, document) = await RequestBody.ReadAsync(http.Request, http.RequestAborted);
        using (document)
        {
            var parameters = new JsonParameters(document.RootElement, "");
            var model = parameters.Text("model") ?? onlyModel ?? throw OpenAiErrors.Missing("model", "the id of a model of GET /v1/models");
            if (parameters.Any(ResumePoint.Member) is not null)
            {
                throw OpenAiErrors.Unknown(ResumePoint.Member);
            }

            var isStream = IsTrue(parameters, "stream");
            return new()
            {
                Body = bytes,
                Model = model,
                IsStream = isStream,
                IsResumable = isStream && CanResume(parameters),
                Prefix = PromptPrefix.Of(model, document.RootElement),
                Session = http.Request.Headers[SessionHeader].ToString() is { Length: > 0 } session
                    ? StableHash.Of(Encoding.UTF8.GetBytes(session))
                    : null,
            };
        }
    }

    /// <summary>Log-probabilities and echoes count from the reply's begin, which the second instance would not have written.</summary>
    private static bool CanResume(JsonParameters request) =>
        (IsNumber(request, "temperature", 0) || request.Any("seed") is { ValueKind: JsonValueKind.Number })
        && (request.Any("n") is null || IsNumber(request, "n", 1))
        && (request.Any("logprobs") is null or { ValueKind: JsonValueKind.False })
        && !IsTrue(request, "echo")
        && IsOnePrompt(request);

    private static bool IsOnePrompt(JsonParameters request) => request.Any("prompt") switch
    {
        null or { ValueKind: JsonValueKind.String } => true,
        { ValueKind: JsonValueKind.Array } array => array.GetArrayLength() > 0 && array[0].ValueKind == JsonValueKind.Number,
        _ => false,
    };

    private static bool IsTrue(JsonParameters request, string name) => request.Any(name) is { ValueKind: JsonValueKind.True };

    private static bool IsNumber(JsonParameters request, string name, double number) =>
        request.Any(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var found) && found == number;
}
