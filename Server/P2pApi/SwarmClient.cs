using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>Asks a node's API about its swarm. What goes wrong is a <see cref="StartException"/> that says what to do.</summary>
internal sealed class SwarmClient : IDisposable
{
    /// <summary>More than the facts of any swarm that a node lists.</summary>
    private const int MaxAnswerBytes = 64 << 20;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly ListenAddress _address;

    /// <param name="address">Where the node listens: all addresses means this machine.</param>
    /// <param name="key">Of its API; null: none.</param>
    public SwarmClient(ListenAddress address, string? key)
    {
        var host = address.Address is { } known && !known.Equals(IPAddress.Any) && !known.Equals(IPAddress.IPv6Any) ? known : IPAddress.Loopback;
        _address = new(host, address.Port);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = new Uri($"http://{_address}"),
            MaxResponseContentBufferSize = MaxAnswerBytes,
            // Streams have no end; other waits have limits of their own.
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>The node's answer about its swarm, as it is.</summary>
    public Task<string> GetStatusTextAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, SwarmEndpoints.Path, null, cancellationToken);

    /// <summary>What the node knows of its swarm.</summary>
    public async Task<SwarmBody> GetStatusAsync(CancellationToken cancellationToken) =>
        Parse(await GetStatusTextAsync(cancellationToken), SwarmJson.Wire.SwarmBody);

    /// <summary>The addresses that the node has tried last.</summary>
    public async Task<TrialList> GetTrialsAsync(CancellationToken cancellationToken) =>
        Parse(await AskAsync(HttpMethod.Get, SwarmEndpoints.TrialsPath, null, cancellationToken), SwarmJson.Wire.TrialList);

    /// <summary>The token of the node's swarm, a secret; empty: it is in none.</summary>
    public Task<string> GetTokenAsync(CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, P2pEndpoints.TokenPath, null, cancellationToken);

    public async Task<DrainBody> DrainAsync(string peer, CancellationToken cancellationToken) => Parse(
        await AskAsync(HttpMethod.Post, $"{SwarmEndpoints.DrainPath}/{Uri.EscapeDataString(peer)}", null, cancellationToken), SwarmJson.Wire.DrainBody);

    public Task UnloadAsync(string model, CancellationToken cancellationToken) => AskAsync(
        HttpMethod.Post, SwarmEndpoints.UnloadPath, JsonContent.Create(new UnloadBody(model), SwarmJson.Wire.UnloadBody), cancellationToken);

    /// <summary>The node's events, until it ends: <see cref="SwarmBody"/> for the whole, <see cref="EventBody"/> for one thing.</summary>
    public async IAsyncEnumerable<object> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Get, SwarmEndpoints.EventsPath, null, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var events = SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(events))
        {
            yield return events.Current.EventType == SwarmEventStream.SnapshotName
                ? Parse(events.Current.Data, SwarmJson.Wire.SwarmBody)
                : Parse(events.Current.Data, SwarmJson.Wire.EventBody);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> NextAsync(IAsyncEnumerator<SseItem<string>> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new StartException($"the node at {_address} is gone: {exception.Message}", exception);
        }
    }

    private async Task<string> AskAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(AnswerTimeout);
        try
        {
            using var response = await SendAsync(method, path, content, limited.Token);
            return await response.Content.ReadAsStringAsync(limited.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartException($"the node at {_address} does not answer within {AnswerTimeout.TotalSeconds} s", exception);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        try
        {
            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                throw new StartException(await ReasonOfAsync(response, cancellationToken));
            }
        }
        catch (HttpRequestException exception)
        {
            throw new StartException(
                exception.HttpRequestError == HttpRequestError.ConnectionError
                    ? $"nothing answers at {_address}: does 'managedswarm run' or 'worker --address' run there? Else say where by --address"
                    : $"what answers at {_address} is no node: {exception.Message}",
                exception);
        }
    }

    private async Task<string> ReasonOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            // An error is short; whatever else answers there need not be read.
            var bytes = new byte[64 << 10];
            await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            var length = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            var error = JsonSerializer.Deserialize(Encoding.UTF8.GetString(bytes, 0, length), OpenAiJson.Wire.ErrorResponse)?.Error;
            if (error is { Message.Length: > 0, Code: not "unknown_url" })
            {
                var hint = error.Code == "invalid_api_key" ? "; give it by --api-key" : "";
                return ShownText.Fit(error.Message) + hint;
            }
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            // It is no error of ours.
        }

        return $"what answers at {_address} is no node of a swarm, or one of another version: status {(int)response.StatusCode}";
    }

    private T Parse<T>(string text, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new StartException($"what answers at {_address} is no node of a swarm, or one of another version: {exception.Message}", exception);
        }
    }
}
