using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Sends a request on whose reply is a stream, and passes its events to the client one by one: where the instance breaks off, the reply is not
/// at its end, unlike bytes that are passed through unread.
/// </summary>
internal sealed class StreamRelay(
    PeerHttp peers, OwnInstance own, FederationMetrics metrics, RouterOptions options, TimeProvider time, ILogger<StreamRelay> logger)
{
    private const int MaxErrorBytes = 1 << 20;
    private static readonly string[] Passed = [ReplyTrace.Header];

    /// <summary>Sends it, or goes on with its reply.</summary>
    /// <param name="http">The client's request.</param>
    /// <param name="path">The path at the instance.</param>
    /// <param name="request">The request as it was read.</param>
    /// <param name="reply">What the client has of the reply so far.</param>
    /// <param name="lease">Where to.</param>
    /// <param name="mayRetry">Whether an answer that another instance may spare the client is kept back.</param>
    /// <returns>Whether the client has its reply, or does not want it any more; else another instance is to begin, or to go on.</returns>
    public async Task<bool> TrySendAsync(
        HttpContext http, string path, RouteRequest request, RelayedReply reply, RouteLease lease, bool mayRetry)
    {
        using var silence = new CancellationTokenSource(options.SilenceTimeout, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, http.RequestAborted);
        try
        {
            using var message = Create(http, new Uri(lease.Address, path), request, reply);
            using var response = await (lease.IsSelf ? own.AnswerAsync(message, stop.Token) : peers.SendAsync(message, stop.Token));
            var isStream = response.StatusCode == HttpStatusCode.OK
                && response.Content.Headers.ContentType?.MediaType == MediaTypeNames.Text.EventStream;
            if (!isStream)
            {
                return await AnswerAsync(http, response, reply, lease, mayRetry, stop.Token);
            }

            await RelayAsync(http, response, reply, lease, silence, stop.Token);
            return true;
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception exception)
            when (exception is HttpRequestException or IOException or InvalidDataException or SwarmException or OperationCanceledException)
        {
            if (reply.HasError)
            {
                lease.Failed();
            }
            else
            {
                lease.Lost();
            }

            ServerLog.InstanceFailed(logger, lease.Name, exception.Message);
            return await BreakOffAsync(http, request, reply, lease);
        }
    }

    private static HttpRequestMessage Create(HttpContext http, Uri address, RouteRequest request, RelayedReply reply)
    {
        var body = reply.HasBegun ? reply.Point.AddTo(request.Body) : request.Body;
        var message = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(MediaTypeNames.Application.Json) } },
        };
        if (request.IsResumable)
        {
            message.Headers.Add(PeerHeaders.WantsTokens, "1");
        }

        foreach (var name in Passed)
        {
            if (http.Request.Headers.TryGetValue(name, out var values))
            {
                message.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        return message;
    }

    private async Task RelayAsync(
        HttpContext http, HttpResponseMessage response, RelayedReply reply, RouteLease lease, CancellationTokenSource silence, CancellationToken stop)
    {
        if (reply.HasBegun)
        {
            metrics.Resumed(lease);
        }

        reply.From(lease, ValueOf(response, PeerHeaders.Reply));
        if (!reply.HasBegun && ValueOf(response, PeerHeaders.MachineTag) is { } tag)
        {
            http.Response.Headers[PeerHeaders.MachineTag] = tag;
        }

        await using var events = new SseEventReader(await response.Content.ReadAsStreamAsync(stop));
        while (await events.NextAsync(stop) is { } sent)
        {
            silence.CancelAfter(options.SilenceTimeout);
            if (sent.AsSpan().StartsWith("event: error\n"u8))
            {
                reply.KeepError(sent);
                throw new InvalidDataException("it has ended the reply with an error");
            }

            lease.Answered(StatusCodes.Status200OK);
            await reply.WriteAsync(http, sent);
            if (sent.AsSpan().SequenceEqual("data: [DONE]\n\n"u8))
            {
                return;
            }
        }

        throw new InvalidDataException("its stream has ended before the reply");
    }

    /// <summary>Before the first event another one begins; behind it, another one goes on where that is possible.</summary>
    private async Task<bool> BreakOffAsync(HttpContext http, RouteRequest request, RelayedReply reply, RouteLease lease)
    {
        if (!reply.HasBegun || (request.IsResumable && reply.CanBeResumed))
        {
            return false;
        }

        ServerLog.ReplyLost(logger, lease.Name);
        await reply.BreakOffAsync(http);
        return true;
    }

    /// <summary>An answer that is no stream is an error, and the client's unless another instance may do better.</summary>
    private static async Task<bool> AnswerAsync(
        HttpContext http, HttpResponseMessage response, RelayedReply reply, RouteLease lease, bool mayRetry, CancellationToken stop)
    {
        var status = (int)response.StatusCode;
        lease.Answered(status);
        if (reply.HasBegun || (mayRetry && PeerStatus.IsWorthRetry(status)))
        {
            return false;
        }

        await response.Content.LoadIntoBufferAsync(MaxErrorBytes, stop);
        var body = await response.Content.ReadAsByteArrayAsync(stop);
        http.Response.StatusCode = status;
        http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        http.Response.ContentLength = body.Length;
        if (ValueOf(response, "Retry-After") is { } wait)
        {
            http.Response.Headers.RetryAfter = wait;
        }

        await http.Response.Body.WriteAsync(body, http.RequestAborted);
        return true;
    }

    private static string? ValueOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
