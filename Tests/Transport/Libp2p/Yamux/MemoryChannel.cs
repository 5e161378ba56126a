using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

/// <summary>One end of a connection in memory. It needs rooms around messages, and ruins what it has sent, as sealing does.</summary>
internal sealed class MemoryChannel(MemoryPipe outgoing, MemoryPipe incoming) : IMessageChannel
{
    public int HeadRoom => 2;

    public int TailRoom => 16;

    public int MaxMessage { get; init; } = 65519;

    public bool IsDisposed { get; private set; }

    /// <summary>Two ends.</summary>
    /// <param name="capacity">Bytes that a direction holds.</param>
    /// <param name="seed">Of the cuts; null: messages come as they are sent.</param>
    public static (MemoryChannel First, MemoryChannel Second) CreatePair(int capacity = 128 * 1024, int? seed = null)
    {
        var forth = new MemoryPipe(capacity, seed is null ? null : new Random(seed.Value));
        var back = new MemoryPipe(capacity, seed is null ? null : new Random(seed.Value + 1));
        return (new MemoryChannel(forth, back), new MemoryChannel(back, forth));
    }

    public ValueTask SendAsync(Memory<byte> message, CancellationToken cancellationToken)
    {
        var body = message[HeadRoom..^TailRoom];
        Assert.InRange(body.Length, 1, MaxMessage);
        var send = outgoing.SendAsync(body, cancellationToken);
        if (!send.IsCompletedSuccessfully)
        {
            return RuinAsync(send, message);
        }

        message.Span.Fill(0xEE);
        return default;
    }

    public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken) => incoming.ReceiveAsync(cancellationToken);

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        outgoing.Close();
        incoming.Lose();
        return default;
    }

    private static async ValueTask RuinAsync(ValueTask send, Memory<byte> message)
    {
        await send;
        message.Span.Fill(0xEE);
    }
}
