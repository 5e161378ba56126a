using System.Buffers;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Weights;

/// <summary>A request for a piece; the layout is <see cref="WeightProtocol"/>'s.</summary>
/// <param name="BlobId">In hex.</param>
/// <param name="Piece">From 0.</param>
internal readonly record struct PieceRequest(string BlobId, int Piece)
{
    /// <summary>The request as a frame.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(WeightProtocol.RequestLimits.MaxFrameBytes);
        var frames = new FrameWriter(buffer, WeightProtocol.RequestLimits);
        var writer = frames.Begin();
        writer.Write(WeightProtocol.RequestKind);
        writer.Write(Convert.FromHexString(BlobId));
        writer.Write(Piece);
        frames.End(ref writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <param name="frame">Without its prefix.</param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static PieceRequest Read(in ReadOnlySequence<byte> frame)
    {
        var decoder = new FrameDecoder(frame, WeightProtocol.RequestLimits);
        if (decoder.ReadInt32("kind") is var kind and not WeightProtocol.RequestKind)
        {
            throw FrameErrors.Invalid($"found is one of kind {kind}; expected is a request, {WeightProtocol.RequestKind}");
        }

        var id = decoder.ReadBinary("blob id");
        if (id.Length != WeightProtocol.BlobIdBytes)
        {
            throw FrameErrors.Invalid($"a blob id has {id.Length} bytes; expected are {WeightProtocol.BlobIdBytes}");
        }

        var request = new PieceRequest(Convert.ToHexStringLower(id.ToArray()), decoder.ReadInt32("piece"));
        decoder.RequireEnd();
        return request;
    }
}
