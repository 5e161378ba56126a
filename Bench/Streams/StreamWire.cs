using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Streams;

/// <summary>A stream of a session.</summary>
/// <param name="stream">Belongs to the wire.</param>
internal sealed class StreamWire(IMuxStream stream) : IWire
{
    public ValueTask<int> ReadAsync(Memory<byte> buffer) => stream.ReadAsync(buffer);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer) => stream.WriteAsync(buffer);

    public async ValueTask CloseAsync()
    {
        await stream.CloseWriteAsync();
        await this.ReadToEndAsync();
        await stream.DisposeAsync();
    }
}
