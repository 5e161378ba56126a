using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>A multiplexed stream with what is known about it.</summary>
internal sealed class PeerStream(YamuxStream stream, PeerId remotePeer) : IMuxStream
{
    /// <summary>The protocol that was agreed on; empty until then.</summary>
    public string ProtocolId { get; set; } = "";

    public PeerId RemotePeer { get; } = remotePeer;

    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => stream.ReadAsync(buffer, cancellationToken);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        stream.WriteAsync(buffer, cancellationToken);

    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default) => stream.CloseWriteAsync(cancellationToken);

    public void Reset() => stream.Reset();

    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
