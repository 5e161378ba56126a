using System.Buffers;
using System.IO.Pipelines;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>A session's part of <see cref="PeerMessageStreams"/>: what goes to the peer, and what comes from it.</summary>
internal sealed partial class PeerMessageLane(ISession session, PeerMessageOptions options, IPeerMessageHandler handler) : IDisposable
{
    // For streams that are idle mostly; a longer message has longer buffers.
    private const int ReadBufferBytes = 4 << 10;

    private readonly MessageQueue _queue = new(options.MaxQueuedMessages, options.MaxQueuedBytes);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _end = new();
    private readonly RunningTasks _running = new();
    private readonly Lock _gate = new();
    private readonly List<IMuxStream> _inbound = [];
    private bool _isOver;
    private int _dropped;

    public ISession Session => session;

    public PeerId Peer => session.RemotePeer;

    /// <summary>Ends when all of it has.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Messages that wait.</summary>
    public int Queued => _queue.Count;

    /// <inheritdoc cref="PeerMessageStreams.Send"/>
    public bool Send(ReadOnlyMemory<byte> message)
    {
        if (_queue.TryAdd(message))
        {
            return true;
        }

        // One line, however many are dropped until the peer has taken all that wait.
        if (Interlocked.Increment(ref _dropped) == 1)
        {
            TransportLog.MessagesDropped(options.Logger, Peer, options.ProtocolIds[0], _queue.Count);
        }

        return false;
    }

    /// <summary>Takes no more messages; those that wait are still sent.</summary>
    public void Complete() => _queue.Complete();

    /// <summary>Takes a stream that the peer has opened.</summary>
    /// <returns>False: the session is over; the stream stays the caller's.</returns>
    public bool Take(IMuxStream stream)
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return false;
            }

            _inbound.Add(stream);
            if (_inbound.Count > options.MaxInboundStreams)
            {
                _inbound[0].Reset();
                _inbound.RemoveAt(0);
            }

            _running.Add(ReadAsync(stream));
            return true;
        }
    }

    /// <summary>Runs until the session is over, or it is told to end. Throws nothing.</summary>
    /// <param name="closing">Ends when all that waits is sent; what waits for a stream that is not open is given up.</param>
    /// <param name="stopping">Ends at once.</param>
    public async Task RunAsync(CancellationToken closing, CancellationToken stopping)
    {
        using (stopping.UnsafeRegister(_ => _end.Cancel(), null))
        {
            var sending = SendAsync(closing);
            await Task.WhenAny(sending, session.Closed);
            await _end.CancelAsync();
            await sending;
            lock (_gate)
            {
                _isOver = true;
            }

            await _running.WhenEmptyAsync();
        }

        if (_opened.Task.IsCompleted)
        {
            Tell(handler.Ended);
        }

        _completion.SetResult();
    }

    /// <summary>Called when it runs no more.</summary>
    public void Dispose() => _end.Dispose();

    private async Task ReadAsync(IMuxStream stream)
    {
        await Task.Yield();
        try
        {
            await _opened.Task.WaitAsync(_end.Token);
            await ReadMessagesAsync(stream);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The other side, the session or all is over.
            TransportLog.MessageStreamEnded(options.Logger, Peer, stream.ProtocolId, exception.Message);
        }
        catch (SwarmException exception)
        {
            TransportLog.MessageStreamInvalid(options.Logger, Peer, stream.ProtocolId, exception.Code, exception.Message);
        }
        catch (Exception exception)
        {
            TransportLog.MessageHandlerFailed(options.Logger, exception, Peer, stream.ProtocolId);
        }
        finally
        {
            await stream.DisposeAsync();
            lock (_gate)
            {
                _inbound.Remove(stream);
            }
        }
    }

    private async Task ReadMessagesAsync(IMuxStream stream)
    {
        var input = PipeReader.Create(stream.AsStream(), new StreamPipeReaderOptions(bufferSize: ReadBufferBytes, leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(_end.Token);
                var rest = Deliver(result.Buffer);
                input.AdvanceTo(rest.Start, rest.End);
                if (!result.IsCompleted)
                {
                    continue;
                }

                if (!rest.IsEmpty)
                {
                    throw new SwarmException("invalid_message", $"The stream ends within a message, after {rest.Length} bytes of it.");
                }

                await stream.CloseWriteAsync(_end.Token);
                return;
            }
        }
        finally
        {
            await input.CompleteAsync();
        }
    }

    private ReadOnlySequence<byte> Deliver(ReadOnlySequence<byte> buffer)
    {
        while (options.Framing.TryTake(ref buffer, options.MaxMessageBytes, out var message))
        {
            handler.Received(Peer, message);
        }

        return buffer;
    }

    private void Tell(Action<PeerId> what)
    {
        try
        {
            what(Peer);
        }
        catch (Exception exception)
        {
            TransportLog.MessageHandlerFailed(options.Logger, exception, Peer, options.ProtocolIds[0]);
        }
    }
}
