using System.Buffers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Multistream;
using ManagedSwarm.Transport.Libp2p.PrivateNetwork;

namespace ManagedSwarm.Transport.Libp2p.Tcp;

/// <summary>
/// A connected socket and what has come from it. With a private network's key, each direction is 24 random bytes and then nothing but
/// XSalsa20 (https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md); bytes are decrypted where they arrive.
/// </summary>
/// <remarks>One reader and one writer at a time. <see cref="Dispose"/> ends both, from any thread.</remarks>
internal sealed class RawConnection : IByteDuplex, IDisposable
{
    /// <summary>Bytes of the buffer until <see cref="UseLargeBuffer"/>: a stranger's connection costs no more.</summary>
    public const int SmallBuffer = 4 << 10;

    private readonly Socket _socket;
    private readonly PreSharedKey? _key;
    private byte[] _buffer = new byte[SmallBuffer];
    private int _start;
    private int _end;
    private XSalsa20? _incoming;
    private XSalsa20? _outgoing;

    private RawConnection(Socket socket, PreSharedKey? key)
    {
        (_socket, _key) = (socket, key);
        socket.NoDelay = true;
        Remote = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
    }

    /// <summary>Where the other side is, for messages.</summary>
    public string Remote { get; }

    /// <summary>What has come and was not consumed. May be overwritten in place; valid until the next <see cref="FillAsync"/>.</summary>
    public Memory<byte> Buffered => _buffer.AsMemory(_start, _end - _start);

    /// <summary>
    /// Takes a socket and sends what a private network wants first: this side's nonce. It waits for nothing, for the other side may do
    /// the same.
    /// </summary>
    /// <param name="socket">Connected; belongs to the connection from now on, but to the caller where this fails.</param>
    /// <param name="key">The private network's key, if there is one.</param>
    /// <exception cref="SocketException">The socket is not connected any more.</exception>
    /// <exception cref="SwarmException"><c>connection_lost</c></exception>
    public static async ValueTask<RawConnection> StartAsync(Socket socket, PreSharedKey? key, CancellationToken cancellationToken)
    {
        var connection = new RawConnection(socket, key);
        if (key is not null)
        {
            var nonce = RandomNumberGenerator.GetBytes(XSalsa20.NonceLength);
            await connection.SendAllAsync(nonce, cancellationToken);
            connection._outgoing = key.CreateCipher(nonce);
        }

        return connection;
    }

    /// <summary>Marks bytes at the beginning of <see cref="Buffered"/> as taken.</summary>
    public void Consume(int count) => _start += count;

    /// <summary>Waits until so many bytes are buffered, and takes as many more as have come.</summary>
    /// <param name="count">At most <see cref="SmallBuffer"/>, or the large buffer's size.</param>
    /// <returns>False: the other side closed before.</returns>
    /// <exception cref="SwarmException"><c>connection_lost</c></exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        if (_key is not null && _incoming is null && !await ReadNonceAsync(_key, cancellationToken))
        {
            return false;
        }

        while (_end - _start < count)
        {
            MakeRoom(count);
            var received = await ReceiveAsync(cancellationToken);
            if (received == 0)
            {
                return false;
            }

            _incoming?.Apply(_buffer.AsSpan(_end, received));
            _end += received;
        }

        return true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_start == _end && !await FillAsync(1, cancellationToken))
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _end - _start);
        Buffered[..count].CopyTo(buffer);
        Consume(count);
        return count;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) =>
        _outgoing is null ? SendAllAsync(buffer, cancellationToken) : SendAsync(buffer.ToArray(), cancellationToken);

    /// <summary>Sends all bytes, hidden in place, with as few system calls as the system wants.</summary>
    /// <exception cref="SwarmException"><c>connection_lost</c></exception>
    public ValueTask SendAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        _outgoing?.Apply(bytes.Span);
        return SendAllAsync(bytes, cancellationToken);
    }

    /// <summary>Changes to a buffer for a connection that is known to be a peer's.</summary>
    /// <param name="size">Bytes, more than <see cref="SmallBuffer"/>.</param>
    public void UseLargeBuffer(int size)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        var rest = Buffered;
        rest.CopyTo(buffer);
        (_buffer, _start, _end) = (buffer, 0, rest.Length);
    }

    /// <summary>
    /// Gives the large buffer back. For the reader only: nobody else knows when it has let go of <see cref="Buffered"/>, and who ends a
    /// connection from outside leaves the buffer to the garbage collector.
    /// </summary>
    public void ReleaseBuffer()
    {
        var buffer = _buffer;
        (_buffer, _start, _end) = ([], 0, 0);
        if (buffer.Length > SmallBuffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The error of a connection that ended where it must not.</summary>
    public SwarmException Lost(Exception? cause = null) =>
        new("connection_lost", $"The connection with {Remote} is lost: {cause?.Message ?? "it ended in the middle of a message"}", cause);

    private async ValueTask<bool> ReadNonceAsync(PreSharedKey key, CancellationToken cancellationToken)
    {
        while (_end < XSalsa20.NonceLength)
        {
            var received = await ReceiveAsync(cancellationToken);
            if (received == 0)
            {
                return false;
            }

            _end += received;
        }

        _incoming = key.CreateCipher(_buffer.AsSpan(0, XSalsa20.NonceLength));
        _incoming.Apply(_buffer.AsSpan(XSalsa20.NonceLength, _end - XSalsa20.NonceLength));
        _start = XSalsa20.NonceLength;
        return true;
    }

    /// <summary>Moves what is buffered to the front where the rest would not fit behind it, or little room is left and little is moved.</summary>
    private void MakeRoom(int count)
    {
        var (length, room) = (_end - _start, _buffer.Length - _end);
        if (_start + count > _buffer.Length || (room < _buffer.Length / 4 && length <= SmallBuffer))
        {
            Buffered.CopyTo(_buffer);
            (_start, _end) = (0, length);
        }
        else if (length == 0)
        {
            (_start, _end) = (0, 0);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await _socket.SendAsync(bytes[sent..], SocketFlags.None, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Lost(exception);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            throw Lost(exception);
        }
    }
}
