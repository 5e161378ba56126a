using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace ManagedSwarm.Bench.Streams;

/// <summary>A bare connection: what all others are measured by.</summary>
internal sealed class SocketWire : IWire
{
    private readonly Socket _socket;

    /// <param name="socket">Connected; belongs to the wire.</param>
    public SocketWire(Socket socket)
    {
        _socket = socket;
        socket.NoDelay = true;
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer) => _socket.ReceiveAsync(buffer, SocketFlags.None);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            buffer = buffer[await _socket.SendAsync(buffer, SocketFlags.None)..];
        }
    }

    public async ValueTask CloseAsync()
    {
        _socket.Shutdown(SocketShutdown.Send);
        await this.ReadToEndAsync();
        _socket.Dispose();
    }
}
