using System.Runtime.CompilerServices;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// The one writer of a connection. Who has data enters, in the order of asking, and leaves by sending one frame. Control frames (all
/// that have no data) are posted from anywhere, the read loop too, and never waited for: whoever is in the writer sends them, before its
/// own frame or when it leaves; if nobody is, <see cref="Flush"/> sends them.
/// </summary>
internal sealed class FrameWriter
{
    // As many control frames fit into a message beside data; if there are more, they go in messages of their own first.
    private const int FramesBesideData = 20;
    private const int FramesWithoutData = 256;
    private const int LeastMessage = 2 * FrameHeader.Size * (FramesBesideData + 1);

    private readonly IMessageChannel _channel;
    private readonly int _maxQueued;
    private readonly Action<Exception> _failed;
    private readonly Action _sent;
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by the gate.
    private readonly Lock _gate = new();
    private readonly TurnQueue _waiting = new();
    private readonly Queue<FrameHeader> _control = new();
    private bool _isBusy;
    private bool _isClosed;
    private bool _isBroken;

    // Belong to whoever is in the writer.
    private readonly OutgoingMessage _message;
    private Waiter? _sender;
    private int _senderNumber;

    /// <param name="channel">Where messages go.</param>
    /// <param name="buffers">Where they are built.</param>
    /// <param name="maxQueued">Control frames that may wait.</param>
    /// <param name="failed">Is told once why nothing can be sent any more.</param>
    /// <param name="abort">Gives up what is being sent.</param>
    public FrameWriter(
        IMessageChannel channel, RentedBuffers buffers, int maxQueued, Action<Exception> failed, CancellationToken abort)
    {
        if (channel.MaxMessage < LeastMessage)
        {
            throw new ArgumentException($"a message holds {channel.MaxMessage} bytes; needed are {LeastMessage}", nameof(channel));
        }

        (_channel, _maxQueued, _failed) = (channel, maxQueued, failed);
        _message = new OutgoingMessage(channel, buffers, abort);
        _sent = OnSent;
    }

    /// <summary>The most bytes of a data frame.</summary>
    public int MaxData => _channel.MaxMessage - (FrameHeader.Size * (FramesBesideData + 1));

    /// <summary>Ends once the writer is closed and nothing is being sent.</summary>
    public Task Idle => _idle.Task;

    /// <summary>Queues a control frame. It goes with the next message, or by <see cref="Flush"/>.</summary>
    /// <returns>False: too many wait already.</returns>
    public bool Post(in FrameHeader frame)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                if (_control.Count >= _maxQueued)
                {
                    return false;
                }

                _control.Enqueue(frame);
            }

            return true;
        }
    }

    /// <summary>Sees to it that what was posted goes.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_isBusy || _control.Count == 0)
            {
                return;
            }

            _isBusy = true;
        }

        Leave();
    }

    /// <summary>Waits until the caller is alone in the writer.</summary>
    /// <param name="turn">The caller's, not in use.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False: the writer is closed. True: the caller must go on to <see cref="SendAndLeaveAsync"/> or <see cref="Leave"/>.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> EnterAsync(LinkedListNode<Waiter> turn, CancellationToken cancellationToken)
    {
        ValueTask<int> wait;
        lock (_gate)
        {
            if (_isClosed || !_isBusy)
            {
                _isBusy |= !_isClosed;
                return !_isClosed;
            }

            wait = _waiting.WaitAsync(turn, cancellationToken);
        }

        try
        {
            return await wait == 1;
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _waiting.Withdraw(turn);
            }

            throw;
        }
    }

    /// <summary>Sends a data frame; the next caller's turn comes when it has gone.</summary>
    /// <param name="frame">The frame's header.</param>
    /// <param name="data">At most <see cref="MaxData"/>; not used after the return.</param>
    /// <param name="sender">The caller's, not in use.</param>
    /// <param name="cancellationToken">Stops waiting; the frame goes all the same.</param>
    /// <returns>1: it is sent. 0: the connection is broken.</returns>
    public ValueTask<int> SendAndLeaveAsync(
        in FrameHeader frame, ReadOnlySpan<byte> data, Waiter sender, CancellationToken cancellationToken)
    {
        _message.Begin((FrameHeader.Size * (FramesBesideData + 1)) + data.Length);
        lock (_gate)
        {
            AddControl(FramesBesideData);
        }

        _message.Add(frame);
        _message.Add(data);
        if (_message.TrySend(out var error))
        {
            EndSend(error);
            Leave();
            return new ValueTask<int>(error is null ? 1 : 0);
        }

        var wait = sender.WaitAsync(cancellationToken);
        (_sender, _senderNumber) = (sender, sender.Number);
        _message.WhenSent(_sent);
        return wait;
    }

    /// <summary>Lets the next caller in, or sends what was posted meanwhile.</summary>
    public void Leave()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_control.Count <= FramesBesideData && _waiting.TryDequeue(out var next))
                {
                    next.Complete(1);
                    return;
                }

                if (_control.Count == 0)
                {
                    _isBusy = false;
                    CheckIdle();
                    return;
                }

                _message.Begin(FrameHeader.Size * FramesWithoutData);
                AddControl(Math.Min(FramesWithoutData, _channel.MaxMessage / FrameHeader.Size));
            }

            if (!_message.TrySend(out var error))
            {
                _message.WhenSent(_sent);
                return;
            }

            EndSend(error);
        }
    }

    /// <summary>Lets nobody in any more, and tells those who wait.</summary>
    /// <param name="last">Goes after all that was posted; null: nothing goes any more.</param>
    public void Close(FrameHeader? last)
    {
        lock (_gate)
        {
            _isClosed = true;
            while (_waiting.TryDequeue(out var waiter))
            {
                waiter.Complete(0);
            }

            if (last is null)
            {
                _control.Clear();
            }
            else if (!_isBroken)
            {
                _control.Enqueue(last.Value);
            }

            CheckIdle();
        }

        Flush();
    }

    private void AddControl(int most)
    {
        for (; most > 0 && _control.TryDequeue(out var frame); most--)
        {
            _message.Add(frame);
        }
    }

    private void OnSent()
    {
        var (sender, number) = (_sender, _senderNumber);
        _sender = null;
        var error = _message.End();
        EndSend(error);
        Leave();
        if (sender is not null && sender.TryClaim(number))
        {
            sender.Complete(error is null ? 1 : 0);
        }
    }

    private void EndSend(Exception? error)
    {
        if (error is null)
        {
            return;
        }

        lock (_gate)
        {
            _isBroken = true;
        }

        Close(null);
        _failed(error);
    }

    private void CheckIdle()
    {
        if (_isClosed && !_isBusy && _control.Count == 0)
        {
            _idle.TrySetResult();
        }
    }
}
