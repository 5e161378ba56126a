using System.Runtime.CompilerServices;
using ManagedSwarm.Transport.Diagnostics;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Counts the bytes of a channel's messages, not those of its seals.</summary>
internal sealed class MeteredChannel(IMessageChannel channel, TransportMetrics metrics) : IMessageChannel
{
    public int HeadRoom => channel.HeadRoom;

    public int TailRoom => channel.TailRoom;

    public int MaxMessage => channel.MaxMessage;

    public ValueTask SendAsync(Memory<byte> message, CancellationToken cancellationToken)
    {
        metrics.Sent(message.Length - HeadRoom - TailRoom);
        return channel.SendAsync(message, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        var message = await channel.ReceiveAsync(cancellationToken);
        metrics.Received(message.Length);
        return message;
    }

    public ValueTask DisposeAsync() => channel.DisposeAsync();
}
