using System.Threading.Channels;

namespace ManagedSwarm.Transport.Libp2p.Messages;

/// <summary>Messages that wait to be sent: many may add, one takes.</summary>
internal sealed class MessageQueue(int maxMessages, int maxBytes)
{
    private readonly Channel<ReadOnlyMemory<byte>> _messages =
        Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(maxMessages) { SingleReader = true });

    private long _bytes;

    public int Count => _messages.Reader.Count;

    /// <returns>False: there is no room, or no more is taken.</returns>
    public bool TryAdd(ReadOnlyMemory<byte> message)
    {
        if (Interlocked.Add(ref _bytes, message.Length) <= maxBytes && _messages.Writer.TryWrite(message))
        {
            return true;
        }

        Interlocked.Add(ref _bytes, -message.Length);
        return false;
    }

    /// <summary>Waits until there is a message.</summary>
    /// <returns>False: there will be none.</returns>
    public ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _messages.Reader.WaitToReadAsync(cancellationToken);

    public bool TryTake(out ReadOnlyMemory<byte> message)
    {
        if (!_messages.Reader.TryRead(out message))
        {
            return false;
        }

        Interlocked.Add(ref _bytes, -message.Length);
        return true;
    }

    /// <summary>No more is taken.</summary>
    public void Complete() => _messages.Writer.TryComplete();
}
