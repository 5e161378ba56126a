using System.Diagnostics;

namespace ManagedSwarm.Bench.Federation;

/// <summary>Streams that stay open until they are disposed.</summary>
internal sealed class HeldStreams(Uri address, int tokens, CancellationToken cancellationToken) : IAsyncDisposable
{
    // A listening socket has room for so many that it has not accepted yet.
    private const int AtOnce = 500;

    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private readonly HttpClient _http = FederationSwarm.Client(address);
    private readonly List<Task> _streams = [];
    private long[] _last = [];

    /// <summary>Opens streams, and waits until each has its first token.</summary>
    /// <exception cref="InvalidOperationException">One ended, or had none within the limit.</exception>
    public async Task OpenAsync(int count, TimeSpan limit)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        timeout.CancelAfter(limit);
        _last = new long[count];
        var client = new MockClient(_http, tokens);
        foreach (var some in Enumerable.Range(0, count).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(number => OpenAsync(client, number)).ToList()).WaitAsync(timeout.Token);
        }
    }

    /// <summary>Streams that had a token since then.</summary>
    public int CountSince(long timestamp) => _last.Count(at => Volatile.Read(ref at) >= timestamp);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_streams).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task OpenAsync(MockClient client, int number)
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = client.StreamAsync($"{number}", OnToken, _stop.Token);
        lock (_streams)
        {
            _streams.Add(stream);
        }

        if (await Task.WhenAny(first.Task, stream) == stream)
        {
            throw new InvalidOperationException($"a stream ended at once: {await stream}");
        }

        void OnToken()
        {
            Volatile.Write(ref _last[number], Stopwatch.GetTimestamp());
            first.TrySetResult();
        }
    }
}
