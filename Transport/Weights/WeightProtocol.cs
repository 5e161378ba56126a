using System.Buffers.Binary;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Weights;

/// <summary>How bytes of tensors are asked for and sent.</summary>
/// <remarks>
/// Frames (<see cref="FramePrefix"/>) over one stream. The asker sends requests, as many as it likes before the first answer; the other side
/// answers them one after the other, in order, and reads the next request only then. An answer is a piece's bytes in one or several data
/// frames, or a refusal in place of one of these, which ends the answer.
/// <code>
/// request  int kind = 1, bin blob id, 32 bytes, int piece
/// data     int kind = 2, bin bytes, 1 to 1 MiB, always as "bin 32" (C6), so that a frame's head has the same size for all
/// refusal  int kind = 3, string code, string text
/// </code>
/// </remarks>
internal static class WeightProtocol
{
    public const int RequestKind = 1;
    public const int DataKind = 2;
    public const int RefusalKind = 3;

    /// <summary>Bytes of a data frame that are sent: few enough that a piece is under way while the next part of it is read.</summary>
    public const int SentDataBytes = 256 << 10;

    /// <summary>Bytes of a data frame that are taken.</summary>
    public const int MaxDataBytes = 1 << 20;

    /// <summary>What stands in front of a data frame's bytes: the frame's length, its kind, and the head of a binary value.</summary>
    public const int DataHeadBytes = FramePrefix.Size + KindBytes + BinaryHeadBytes;

    public const int KindBytes = 1;

    public const int BinaryHeadBytes = 1 + sizeof(uint);

    /// <summary>The longest refusal.</summary>
    public const int MaxRefusalBytes = 2 << 10;

    /// <summary>Bytes of a blob id.</summary>
    public const int BlobIdBytes = TensorPieces.HashBytes;

    private const byte Bin32 = 0xC6;

    /// <summary>What a request may ask for.</summary>
    public static FrameLimits RequestLimits { get; } = new()
    {
        MaxFrameBytes = 64,
        MaxStringBytes = 0,
        MaxArrayLength = 0,
        MaxBinaryBytes = BlobIdBytes,
    };

    /// <summary>What a refusal may ask for.</summary>
    public static FrameLimits RefusalLimits { get; } = new()
    {
        MaxFrameBytes = MaxRefusalBytes,
        MaxStringBytes = MaxRefusalBytes,
        MaxArrayLength = 0,
        MaxBinaryBytes = 0,
    };

    public static string Id(SwarmKeys keys) => keys.ProtocolId("weights/1.0.0");

    /// <summary>Writes the head of a data frame.</summary>
    /// <param name="destination">At least <see cref="DataHeadBytes"/>.</param>
    /// <param name="count">Bytes that follow.</param>
    public static void WriteDataHead(Span<byte> destination, int count)
    {
        FramePrefix.Write(destination, KindBytes + BinaryHeadBytes + count);
        destination[FramePrefix.Size] = DataKind;
        destination[FramePrefix.Size + KindBytes] = Bin32;
        BinaryPrimitives.WriteUInt32BigEndian(destination[(FramePrefix.Size + KindBytes + 1)..], (uint)count);
    }

    /// <summary>Reads what stands between a data frame's kind and its bytes.</summary>
    /// <param name="head"><see cref="BinaryHeadBytes"/>.</param>
    /// <param name="frameBytes">What the frame's prefix says.</param>
    /// <param name="allowed">Bytes that may follow.</param>
    /// <returns>How many follow.</returns>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static int ReadDataHead(ReadOnlySpan<byte> head, uint frameBytes, int allowed)
    {
        var count = BinaryPrimitives.ReadUInt32BigEndian(head[1..]);
        if (head[0] != Bin32 || count == 0 || (long)count + KindBytes + BinaryHeadBytes != frameBytes)
        {
            throw FrameErrors.Invalid($"data of {count} bytes do not fill a frame of {frameBytes}");
        }

        return count <= Math.Min(MaxDataBytes, allowed)
            ? (int)count
            : throw FrameErrors.TooLarge("data", count, Math.Min(MaxDataBytes, allowed));
    }
}
