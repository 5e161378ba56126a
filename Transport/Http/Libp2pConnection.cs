using System.Globalization;
using System.IO.Pipelines;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Streams;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace ManagedSwarm.Transport.Http;

/// <summary>
/// A stream that a peer opened, as a connection of a server. A reset by the peer cancels <c>ConnectionClosed</c> at once,
/// also while the server reads nothing: therefore a task reads ahead, into the buffers that the server reads from. Answers are written by
/// the server's own flush.
/// </summary>
/// <remarks>
/// A peer that closes its direction ends the input and nothing else: it may still wait for its answer. Aborting resets the stream.
/// </remarks>
internal sealed class Libp2pConnection : DefaultConnectionContext
{
    private static long _lastId;

    private readonly Libp2pConnectionOptions _options;
    private readonly IMuxStream _stream;
    private readonly MuxStreamAdapter _adapter;
    private readonly Pipe _input;
    private readonly MuxPipeWriter _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly Task _receiving;
    private ConnectionAbortedException? _abortReason;
    private Task _aborting = Task.CompletedTask;
    private int _disposed;

    /// <param name="stream">Is the connection's from now on.</param>
    /// <param name="local">Where the server listens.</param>
    /// <param name="options">How it behaves.</param>
    public Libp2pConnection(IMuxStream stream, Libp2pEndPoint local, Libp2pConnectionOptions options)
        : base($"libp2p-{Interlocked.Increment(ref _lastId).ToString(CultureInfo.InvariantCulture)}")
    {
        _options = options;
        _stream = stream;
        _adapter = new MuxStreamAdapter(stream);
        _input = new Pipe(new PipeOptions(
            pauseWriterThreshold: options.MaxReadAheadBytes,
            resumeWriterThreshold: options.MaxReadAheadBytes / 2,
            minimumSegmentSize: options.BufferBytes,
            useSynchronizationContext: false));
        _output = new MuxPipeWriter(stream, _adapter, options.BufferBytes);
        Transport = new Ends(_input.Reader, _output);
        LocalEndPoint = local;
        RemoteEndPoint = new Libp2pEndPoint(local.ProtocolId, stream.RemotePeer);
        ConnectionClosed = _closed.Token;
        Features.Set<IMemoryPoolFeature>(BlockMemoryPool.Instance);
        _receiving = ReceiveAsync();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, abortReason, null) is null)
        {
            _stream.Reset();
            // The receiving task says so as well, unless it waits for the server to read.
            _aborting = _closed.CancelAsync();
        }
    }

    /// <summary>
    /// Sends what is left, closes, waits for the peer to do the same (not longer than the options say), and lets go of the stream.
    /// </summary>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await EndAsync();
        await _adapter.DisposeAsync();
        await _aborting;
        await _closed.CancelAsync();
        await base.DisposeAsync();
    }

    private async Task EndAsync()
    {
        using var linger = new CancellationTokenSource(_options.LingerTimeout, _options.Time);
        await using var reset = linger.Token.UnsafeRegister(static stream => ((IMuxStream)stream!).Reset(), _stream);
        // From now on what comes is dropped, so that the receiving task goes on to the end.
        await _input.Reader.CompleteAsync();
        _output.Complete();
        await _output.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _receiving;
    }

    private async Task ReceiveAsync()
    {
        Exception? error = null;
        try
        {
            for (var count = -1; count != 0;)
            {
                count = await _adapter.ReadAsync(_input.Writer.GetMemory());
                _input.Writer.Advance(count);
                await _input.Writer.FlushAsync();
            }
        }
        catch (Exception exception)
        {
            error = _abortReason ?? exception;
        }

        await _input.Writer.CompleteAsync(error);
        if (error is not null)
        {
            await _closed.CancelAsync();
        }
    }

    private sealed record Ends(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
