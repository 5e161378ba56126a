using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;

namespace ManagedSwarm.Server.Drills;

/// <summary>Asks a head for replies, as any client does.</summary>
/// <param name="head">Where it listens.</param>
/// <param name="host">The drill's.</param>
internal sealed class DrillClient(Uri head, DrillHost host) : IDisposable
{
    private const string End = "[DONE]";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = head,
        // Each token has a limit of its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>A reply, as far as it comes: one that fails says why.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="at">When <paramref name="reached"/> is called: tokens that have come; 0: the request is sent.</param>
    /// <param name="reached">Told how many tokens have come; the reply goes on meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<DrillReply> AskAsync(DrillRequest request, int at, Func<DrillReply, Task> reached, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(host.Limits.Token);
        var reply = new DrillReply(host.Time.GetTimestamp());
        var reaching = Task.CompletedTask;
        void Reach() => reaching = Task.Run(() => reached(reply), cancellationToken);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
            {
                Content = new Told(request.ToJson(), at == 0 ? Reach : () => { }),
            };
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            if (response.IsSuccessStatusCode)
            {
                await ReadAsync(response, reply, at, Reach, silence);
            }
            else
            {
                reply.Error = $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(silence.Token)}";
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            reply.Error = $"no token has come for {host.Limits.Token.TotalSeconds:0} s behind {reply.Count} tokens";
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException)
        {
            reply.Error = exception.Message;
        }
        finally
        {
            await reaching;
        }

        return reply;
    }

    /// <inheritdoc cref="AskAsync(DrillRequest, int, Func{DrillReply, Task}, CancellationToken)"/>
    public Task<DrillReply> AskAsync(DrillRequest request, CancellationToken cancellationToken) =>
        AskAsync(request, int.MaxValue, _ => Task.CompletedTask, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task ReadAsync(HttpResponseMessage response, DrillReply reply, int at, Action reach, CancellationTokenSource silence)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(silence.Token);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(silence.Token))
        {
            if (item.Data == End)
            {
                return;
            }

            var before = reply.Count;
            reply.Add(item.Data, host.Time.GetTimestamp());
            silence.CancelAfter(host.Limits.Token);
            if (before < at && reply.Count >= at)
            {
                reach();
            }
        }

        reply.Error ??= $"the stream ended behind {reply.Count} tokens without its last word";
    }

    /// <summary>A body that tells when it has been sent.</summary>
    private sealed class Told : HttpContent
    {
        private readonly byte[] _body;
        private readonly Action _sent;

        public Told(string json, Action sent)
        {
            (_body, _sent) = (Encoding.UTF8.GetBytes(json), sent);
            Headers.ContentType = new("application/json");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_body);
            await stream.FlushAsync();
            _sent();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}
