using System.Buffers.Binary;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// The beginning of a frame, 12 bytes in network order (github.com/hashicorp/yamux/blob/master/spec.md, framing):
/// <code>version u8 = 0 | type u8 | flags u16 | stream id u32 | length u32</code>
/// </summary>
/// <param name="Type">What the length means.</param>
/// <param name="Flags">What else the frame says.</param>
/// <param name="StreamId">Odd: the dialer opened the stream; even: the listener did; 0: the connection itself.</param>
/// <param name="Length">Only where the type is <see cref="FrameType.Data"/> do that many bytes follow.</param>
internal readonly record struct FrameHeader(FrameType Type, FrameFlags Flags, uint StreamId, uint Length)
{
    /// <summary>Bytes.</summary>
    public const int Size = 12;

    /// <summary>Bytes that follow the header.</summary>
    public uint PayloadLength => Type == FrameType.Data ? Length : 0;

    public bool Has(FrameFlags flag) => (Flags & flag) != 0;

    /// <exception cref="SwarmException"><c>protocol_violation</c>: another version, or a type that there is not.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> source)
    {
        if (source[0] != 0)
        {
            throw YamuxErrors.Violation("the version of a frame", source[0], "0");
        }

        if (source[1] > (byte)FrameType.GoAway)
        {
            throw YamuxErrors.Violation("the type of a frame", source[1], "0 to 3");
        }

        return new FrameHeader(
            (FrameType)source[1],
            (FrameFlags)BinaryPrimitives.ReadUInt16BigEndian(source[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[4..]),
            BinaryPrimitives.ReadUInt32BigEndian(source[8..]));
    }

    public void Write(Span<byte> destination)
    {
        destination[0] = 0;
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], (ushort)Flags);
        BinaryPrimitives.WriteUInt32BigEndian(destination[4..], StreamId);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Length);
    }
}
