using System.Buffers;
using ManagedSwarm.Transport.Frames;
using MessagePack;

namespace ManagedSwarm.Transport.Membership;

/// <summary>A record's outermost layer: what was signed, and the signature.</summary>
/// <remarks>
/// MessagePack values one behind the other:
/// <code>
/// int  version = 1
/// bin  payload: see RecordPayload
/// bin  signature: 64 bytes of Ed25519
/// </code>
/// </remarks>
/// <param name="Payload">What was signed, as it lies in the record.</param>
/// <param name="Signature">Of any length; only one of 64 bytes can be right.</param>
internal readonly record struct RecordEnvelope(ReadOnlySequence<byte> Payload, ReadOnlySequence<byte> Signature)
{
    private const int Version = 1;
    private const int SignatureBytes = 64;

    // Version, the heads of the two binary values, and the signature.
    private const int MaxOverhead = 1 + 3 + 2 + SignatureBytes;

    private static readonly FrameLimits Limits = new() { MaxBinaryBytes = RecordLimits.MaxBytes };

    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>invalid_record</c>: its version is another one.</exception>
    public static RecordEnvelope Read(ReadOnlyMemory<byte> record)
    {
        var decoder = new FrameDecoder(new ReadOnlySequence<byte>(record), Limits);
        var version = decoder.ReadInt32("version");
        if (version != Version)
        {
            throw RecordErrors.Invalid($"its version is {version}; known is {Version}");
        }

        var envelope = new RecordEnvelope(decoder.ReadBinary("payload"), decoder.ReadBinary("signature"));
        decoder.RequireEnd();
        return envelope;
    }

    public static byte[] Write(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> signature)
    {
        var output = new ArrayBufferWriter<byte>(payload.Length + MaxOverhead);
        var writer = new MessagePackWriter(output);
        writer.Write(Version);
        writer.Write(payload);
        writer.Write(signature);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether a payload is short enough for a record.</summary>
    public static bool HasSpaceFor(ReadOnlySpan<byte> payload) => payload.Length + MaxOverhead <= RecordLimits.MaxBytes;
}
