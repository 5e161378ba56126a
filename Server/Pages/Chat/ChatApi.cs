using System.Net.Http.Headers;
using System.Net.Mime;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>
/// This node's own API, asked as any client asks it: what a chat shows is what others get, whether the model is here, spread over workers, or
/// with instances behind a router.
/// </summary>
/// <param name="http">Knows the way.</param>
/// <param name="key">Lets it in where keys are set.</param>
/// <param name="names">What nodes are called.</param>
/// <param name="time">The clock.</param>
internal sealed class ChatApi(OwnHttp http, IApiEntry key, INodeNames names, TimeProvider time) : IChatApi
{
    private const string ErrorEvent = "error";
    private const string Done = "[DONE]";

    public async Task<IReadOnlyList<ChatModel>> ModelsAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        using var response = await SendAsync(request, cancellationToken);
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        var body = await JsonSerializer.DeserializeAsync(content, ChatJson.Wire.ModelsBody, cancellationToken);
        return [.. (body?.Data ?? []).Select(model => new ChatModel(model.Id, (model.Extension?.Nodes ?? []).ToDictionary(node => node.Id, node => node.Name)))];
    }

    public async IAsyncEnumerable<ReplyChunk> ReplyAsync(Conversation conversation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new ByteArrayContent(ChatRequestBody.Of(conversation, Random.Shared.Next()))
            {
                Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) },
            },
        };
        request.Headers.Add(ReplyTrace.Header, "1");
        // So that an instance that has the beginning of this conversation goes on with it.
        request.Headers.Add(RouteRequest.SessionHeader, conversation.Id);
        using var response = await SendAsync(request, cancellationToken);
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        var answering = ValueOf(response, PeerHeaders.Node);
        var isDone = false;
        await foreach (var sent in ReadAsync(content, cancellationToken))
        {
            isDone |= sent.Data == Done;
            if (!isDone)
            {
                yield return Read(sent, answering);
            }
        }

        if (!isDone)
        {
            throw new ChatApiException("the reply has ended before its end", isTransient: true);
        }
    }

    private static async IAsyncEnumerable<SseItem<string>> ReadAsync(Stream content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var events = SseParser.Create(content).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(events))
        {
            yield return events.Current;
        }
    }

    private static async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new ChatApiException("the connection broke in the middle of the reply", isTransient: true, exception);
        }
    }

    private ReplyChunk Read(SseItem<string> sent, string? answering)
    {
        if (sent.EventType == ErrorEvent)
        {
            throw new ChatApiException(MessageOf(sent.Data) ?? "the reply broke off", isTransient: true);
        }

        var chunk = JsonSerializer.Deserialize(sent.Data, ChatJson.Wire.ChunkBody)
            ?? throw new ChatApiException("the API has sent what is no part of a reply", isTransient: false);
        var choice = chunk.Choices is [var first, ..] ? first : null;
        return new(
            time.GetTimestamp(),
            choice?.Delta?.Content ?? "",
            choice?.FinishReason,
            chunk.Usage,
            chunk.Extension?.Trace is { } trace ? NodesOf(trace, answering) : null);
    }

    /// <summary>Who has layers, and else who has answered; before them who began with a reply that another instance went on with.</summary>
    private IReadOnlyList<ReplyNode> NodesOf(ChunkTrace trace, string? answering)
    {
        ReplyNode[] begun = trace.Node is { } last && answering is not null && last != answering ? [new(names.Of(answering))] : [];
        ReplyNode[] ended = trace.Stages is { Count: > 0 } stages
            ? [.. stages.Select(stage => new ReplyNode(stage.Node, stage.Layers, stage.ComputeMs, stage.WaitMs, stage.WireMs))]
            : [new(names.Of(trace.Node ?? answering))];
        return [.. begun, .. ended];
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (await key.FindAsync() is { } bearer)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        }

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new ChatApiException($"this node does not answer: {exception.Message}", isTransient: true, exception);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            var status = (int)response.StatusCode;
            var message = MessageOf(await response.Content.ReadAsStringAsync(cancellationToken));
            throw new ChatApiException(
                message ?? $"this node has answered with status {status}", status is StatusCodes.Status429TooManyRequests or >= StatusCodes.Status500InternalServerError);
        }
    }

    private static string? MessageOf(string body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ChatJson.Wire.ApiErrorBody)?.Error?.Message;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? ValueOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
