using System.Runtime.CompilerServices;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>
/// One direction of a connection in memory: holds a limited number of bytes, and gives them in other pieces than they came in if it is
/// told to. What it has given is overwritten by the next call.
/// </summary>
/// <param name="capacity">Bytes; a message more than that waits until it is empty.</param>
/// <param name="cuts">Where it cuts; null: as the messages come.</param>
internal sealed class MemoryPipe(int capacity, Random? cuts = null)
{
    private readonly Lock _gate = new();
    private readonly Waiter _reader = new();
    private readonly Waiter _writer = new();
    private readonly byte[] _bytes = new byte[capacity + 70_000];
    private readonly byte[] _given = new byte[capacity + 70_000];
    private readonly Queue<int> _lengths = new();
    private int _count;
    private int _givenCount;
    private bool _isClosed;
    private bool _isLost;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        while (!TrySend(message.Span, cancellationToken, out var wait))
        {
            await wait;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> received;
        while (!TryReceive(out received, cancellationToken, out var wait))
        {
            await wait;
        }

        return received;
    }

    /// <summary>The sender has closed: the receiver comes to an end.</summary>
    public void Close() => Set(ref _isClosed);

    /// <summary>The receiver is gone: the sender gets an error.</summary>
    public void Lose() => Set(ref _isLost);

    private void Set(ref bool flag)
    {
        lock (_gate)
        {
            flag = true;
            Wake(_reader);
            Wake(_writer);
        }
    }

    private bool TrySend(ReadOnlySpan<byte> message, CancellationToken cancellationToken, out ValueTask<int> wait)
    {
        wait = default;
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_isLost || _isClosed)
            {
                throw new SwarmException("connection_lost", "the other side is gone");
            }

            if (_count > 0 && _count + message.Length > capacity)
            {
                wait = _writer.WaitAsync(cancellationToken);
                return false;
            }

            message.CopyTo(_bytes.AsSpan(_count));
            _count += message.Length;
            _lengths.Enqueue(message.Length);
            Wake(_reader);
            return true;
        }
    }

    private bool TryReceive(out ReadOnlyMemory<byte> received, CancellationToken cancellationToken, out ValueTask<int> wait)
    {
        (received, wait) = (default, default);
        lock (_gate)
        {
            _given.AsSpan(0, _givenCount).Fill(0xCC);
            _givenCount = 0;
            cancellationToken.ThrowIfCancellationRequested();
            if (_count == 0)
            {
                if (!_isClosed)
                {
                    wait = _reader.WaitAsync(cancellationToken);
                }

                return _isClosed;
            }

            _givenCount = Cut();
            _bytes.AsSpan(0, _givenCount).CopyTo(_given);
            _count -= _givenCount;
            _bytes.AsSpan(_givenCount, _count).CopyTo(_bytes);
            received = _given.AsMemory(0, _givenCount);
            Wake(_writer);
            return true;
        }
    }

    private int Cut()
    {
        if (cuts is null)
        {
            return _lengths.Dequeue();
        }

        _lengths.Clear();
        return cuts.Next(3) == 0 ? Math.Min(_count, cuts.Next(1, 30)) : cuts.Next(_count) + 1;
    }

    private static void Wake(Waiter waiter)
    {
        if (waiter.TryClaim())
        {
            waiter.Complete(0);
        }
    }
}
