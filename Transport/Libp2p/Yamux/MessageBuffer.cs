namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>The message that is being built and sent: frames in a pooled buffer, with the channel's room on both sides.</summary>
internal sealed class MessageBuffer(IMessageChannel channel, RentedBuffers buffers)
{
    private byte[]? _buffer;
    private int _end;

    /// <summary>Rooms and frames.</summary>
    public Memory<byte> Message => _buffer.AsMemory(0, _end + channel.TailRoom);

    /// <summary>Begins a message.</summary>
    /// <param name="bytes">What its frames will take at most.</param>
    public void Begin(int bytes)
    {
        _buffer = buffers.Rent(channel.HeadRoom + bytes + channel.TailRoom);
        _end = channel.HeadRoom;
    }

    public void Add(in FrameHeader frame)
    {
        frame.Write(_buffer.AsSpan(_end));
        _end += FrameHeader.Size;
    }

    public void Add(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_buffer.AsSpan(_end));
        _end += data.Length;
    }

    /// <summary>The message has gone, or never will.</summary>
    public void Return()
    {
        buffers.Return(_buffer!);
        _buffer = null;
    }
}
