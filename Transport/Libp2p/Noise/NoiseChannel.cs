using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.Tcp;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// A connection after its Noise handshake (https://github.com/libp2p/specs/blob/master/noise/README.md, wire format): each message is
/// <c>u16be length || sealed bytes || 16 bytes of tag</c>, the length counting the tag. A message is sealed where its sender built it and
/// opened where it arrived, and both directions cost no task, no copy and no memory of their own.
/// </summary>
/// <remarks>One sender and one receiver at a time; <see cref="DisposeAsync"/> ends both, from any thread.</remarks>
internal sealed class NoiseChannel : IMessageChannel, IByteDuplex
{
    private const int LengthBytes = 2;

    // Two of the largest messages: while one is opened, the rest of the next one finds room.
    private const int ReceiveBuffer = 128 << 10;

    private readonly RawConnection _connection;
    private readonly CipherState _send;
    private readonly CipherState _receive;
    private ReadOnlyMemory<byte> _unread;
    private int _opened;
    private bool _ended;
    private bool _broken;

    /// <param name="connection">Belongs to the channel from now on, as do the ciphers.</param>
    public NoiseChannel(RawConnection connection, CipherState send, CipherState receive)
    {
        (_connection, _send, _receive) = (connection, send, receive);
        connection.UseLargeBuffer(ReceiveBuffer);
    }

    public int HeadRoom => LengthBytes;

    public int TailRoom => CipherState.TagLength;

    public int MaxMessage => ushort.MaxValue - CipherState.TagLength;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync(Memory<byte> message, CancellationToken cancellationToken)
    {
        var length = message.Length - HeadRoom - TailRoom;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxMessage);
        if (_broken)
        {
            throw new SwarmException("connection_lost", $"The connection with {_connection.Remote} is lost: a message before this one was not sent whole.");
        }

        // What is sealed must be sent: the other side counts messages as this side does.
        _broken = true;
        Seal(message.Span);
        await _connection.SendAsync(message, cancellationToken);
        _broken = false;
    }

    public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_unread.IsEmpty)
        {
            return ReceiveNextAsync(cancellationToken);
        }

        var unread = _unread;
        _unread = default;
        return ValueTask.FromResult(unread);
    }

    async ValueTask<int> IByteDuplex.ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var message = await ReceiveAsync(cancellationToken);
        var count = Math.Min(buffer.Length, message.Length);
        message[..count].CopyTo(buffer);
        _unread = message[count..];
        return count;
    }

    async ValueTask IByteDuplex.WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, MaxMessage);
            var message = new byte[HeadRoom + count + TailRoom];
            buffer[..count].CopyTo(message.AsMemory(HeadRoom));
            await SendAsync(message, cancellationToken);
            buffer = buffer[count..];
        }
    }

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _send.Dispose();
        _receive.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Seal(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)(message.Length - LengthBytes));
        try
        {
            _send.Seal(message[LengthBytes..^CipherState.TagLength], message[^CipherState.TagLength..]);
        }
        catch (ObjectDisposedException exception)
        {
            throw _connection.Lost(exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> ReceiveNextAsync(CancellationToken cancellationToken)
    {
        while (!_ended)
        {
            // Whoever calls has let go of the message before.
            _connection.Consume(_opened);
            _opened = 0;
            if (!await FillAsync(LengthBytes, cancellationToken))
            {
                break;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(_connection.Buffered.Span);
            if (length < CipherState.TagLength || !await FillAsync(LengthBytes + length, cancellationToken))
            {
                throw End(length < CipherState.TagLength ? Invalid($"has {length} bytes and no room for its tag") : _connection.Lost());
            }

            var message = Open(_connection.Buffered.Slice(LengthBytes, length));
            _opened = LengthBytes + length;
            if (!message.IsEmpty)
            {
                return message;
            }
        }

        return End();
    }

    /// <returns>False: the other side closed, and not in the middle of something.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.FillAsync(count, cancellationToken)
                || (_connection.Buffered.IsEmpty ? false : throw _connection.Lost());
        }
        catch (SwarmException exception)
        {
            throw End(exception);
        }
    }

    private ReadOnlyMemory<byte> Open(Memory<byte> sealedBytes)
    {
        var text = sealedBytes[..^CipherState.TagLength];
        try
        {
            return _receive.TryOpen(text.Span, sealedBytes.Span[text.Length..])
                ? text
                : throw End(Invalid("was changed on its way"));
        }
        catch (ObjectDisposedException exception)
        {
            throw End(_connection.Lost(exception));
        }
    }

    private SwarmException Invalid(string what) => new("invalid_message", $"A message from {_connection.Remote} {what}.");

    /// <summary>Nothing more comes: the reader, and nobody else, gives its buffer back.</summary>
    private ReadOnlyMemory<byte> End()
    {
        if (!_ended)
        {
            _ended = true;
            _connection.ReleaseBuffer();
        }

        return default;
    }

    /// <summary>The stream of messages has a hole and ends here, in both directions.</summary>
    private SwarmException End(SwarmException exception)
    {
        End();
        _connection.Dispose();
        return exception;
    }
}
