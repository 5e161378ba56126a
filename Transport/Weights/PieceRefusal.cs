using System.Buffers;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Why a piece does not come; the layout is <see cref="WeightProtocol"/>'s.</summary>
internal sealed record PieceRefusal(string Code, string Text)
{
    private const int MaxTextChars = 256;

    public static PieceRefusal UnknownBlob(PieceRequest request) => new("unknown_blob", $"blob {request.BlobId} is not here");

    public static PieceRefusal OutOfRange(PieceRequest request, long count) =>
        new("piece_out_of_range", $"blob {request.BlobId} has no piece {request.Piece}; allowed are 0 to {count - 1}");

    /// <summary>The refusal as a frame.</summary>
    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var frames = new FrameWriter(buffer, WeightProtocol.RefusalLimits);
        var writer = frames.Begin();
        writer.Write(WeightProtocol.RefusalKind);
        writer.Write(Code);
        writer.Write(Text.Length <= MaxTextChars ? Text : Text[..MaxTextChars]);
        frames.End(ref writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <param name="values">The frame behind its kind.</param>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public static PieceRefusal Read(in ReadOnlySequence<byte> values)
    {
        var decoder = new FrameDecoder(values, WeightProtocol.RefusalLimits);
        var refusal = new PieceRefusal(decoder.ReadString("code"), decoder.ReadString("text"));
        decoder.RequireEnd();
        return refusal;
    }
}
