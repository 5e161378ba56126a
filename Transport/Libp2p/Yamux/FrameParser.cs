namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// Finds the frames in bytes that come cut anywhere. It keeps twelve bytes at most: a payload goes to the handler as it comes, so that
/// no length that a header claims is ever allocated.
/// </summary>
internal sealed class FrameParser(IFrameHandler handler)
{
    private readonly byte[] _header = new byte[FrameHeader.Size];
    private int _headerBytes;
    private uint _payloadLeft;

    /// <exception cref="SwarmException"><c>protocol_violation</c>: no frame begins like that. Nothing can be parsed afterwards.</exception>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = _payloadLeft > 0 ? FeedPayload(bytes) : FeedHeader(bytes);
        }
    }

    private ReadOnlySpan<byte> FeedHeader(ReadOnlySpan<byte> bytes)
    {
        if (_headerBytes == 0 && bytes.Length >= FrameHeader.Size)
        {
            Begin(FrameHeader.Read(bytes));
            return bytes[FrameHeader.Size..];
        }

        var count = Math.Min(bytes.Length, FrameHeader.Size - _headerBytes);
        bytes[..count].CopyTo(_header.AsSpan(_headerBytes));
        _headerBytes += count;
        if (_headerBytes == FrameHeader.Size)
        {
            _headerBytes = 0;
            Begin(FrameHeader.Read(_header));
        }

        return bytes[count..];
    }

    private void Begin(in FrameHeader header)
    {
        _payloadLeft = header.PayloadLength;
        handler.BeginFrame(header);
        if (_payloadLeft == 0)
        {
            handler.EndFrame();
        }
    }

    private ReadOnlySpan<byte> FeedPayload(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min((uint)bytes.Length, _payloadLeft);
        _payloadLeft -= (uint)count;
        handler.Payload(bytes[..count]);
        if (_payloadLeft == 0)
        {
            handler.EndFrame();
        }

        return bytes[count..];
    }
}
