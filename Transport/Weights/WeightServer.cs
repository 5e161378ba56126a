using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Sends weights to whoever asks: from this node's open models, and from its cache. Safe for use by many threads.</summary>
public sealed class WeightServer : IAsyncDisposable
{
    private readonly WeightServerOptions _options;
    private readonly ServedBlobs _blobs;
    private readonly IStreamListener _listener;
    private readonly SemaphoreSlim _slots;
    private readonly RunningTasks _tasks = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private long _bytesSent;
    private int _disposed;

    /// <summary>Sends from now on.</summary>
    /// <param name="peer">This node. Stays the caller's, and is to be disposed later than this.</param>
    /// <param name="keys">The swarm's.</param>
    /// <param name="cache">Whose blobs are sent, too; null: none.</param>
    /// <param name="options">How it sends; null: the defaults.</param>
    /// <exception cref="SwarmException"><c>protocol_taken</c></exception>
    public WeightServer(ILocalPeer peer, SwarmKeys keys, BlobCache? cache = null, WeightServerOptions? options = null)
    {
        _options = options ?? new();
        _blobs = new(cache);
        _slots = new(_options.Streams, _options.Streams);
        _listener = peer.Listen(WeightProtocol.Id(keys));
        _accepting = AcceptAsync();
    }

    /// <summary>Bytes of tensors that were sent since the beginning.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Sends a model's tensors, too, until what is returned is disposed. The model may be closed at any time.</summary>
    public IDisposable Serve(GgufFile file, PieceHashes hashes) => _blobs.Add(file, hashes);

    /// <summary>Stops sending and waits for what is under way to end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _accepting;
            return;
        }

        await _listener.DisposeAsync();
        await _stop.CancelAsync();
        await _accepting;
        await _tasks.WhenEmptyAsync();
        _stop.Dispose();
        _slots.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } stream)
        {
            if (_tasks.Count < _options.Streams + _options.WaitingStreams)
            {
                _tasks.Add(ServeAsync(stream));
            }
            else
            {
                await stream.DisposeAsync();
            }
        }
    }

    private async Task ServeAsync(IMuxStream stream)
    {
        await using var owned = stream;
        try
        {
            await _slots.WaitAsync(_stop.Token);
            try
            {
                var sender = new PieceSender(stream, _blobs, _options, bytes => Interlocked.Add(ref _bytesSent, bytes));
                await sender.RunAsync(_stop.Token);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (Exception exception) when (exception is SwarmException or OperationCanceledException)
        {
            var code = (exception as SwarmException)?.Code ?? "timeout";
            TransportLog.StreamFailed(_options.Logger, stream.RemotePeer, stream.ProtocolId, code, exception.Message);
        }
        catch (Exception exception)
        {
            TransportLog.StreamBroken(_options.Logger, exception, stream.RemotePeer, stream.ProtocolId);
        }
    }
}
