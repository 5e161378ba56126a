namespace ManagedSwarm.Transport.Libp2p.Multistream;

/// <summary>A multiplexed stream that a protocol is negotiated on.</summary>
internal sealed class StreamDuplex(IMuxStream stream) : IByteDuplex
{
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => stream.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) => stream.WriteAsync(buffer, cancellationToken);
}
