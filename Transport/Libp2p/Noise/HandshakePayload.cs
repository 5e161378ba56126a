using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// What messages 2 and 3 carry (https://github.com/libp2p/specs/blob/master/noise/README.md, the libp2p handshake payload). Unknown
/// fields and extensions are passed over.
/// </summary>
/// <remarks>
/// <code>
/// NoiseHandshakePayload { 1: identity_key, 2: identity_sig, 4: NoiseExtensions { 1: webtransport_certhashes*, 2: stream_muxers* } }
/// </code>
/// </remarks>
/// <param name="IdentityKey">The peer's public key, as libp2p's protobuf message <c>PublicKey</c>.</param>
/// <param name="Signature">What proves that the peer has that key.</param>
/// <param name="Muxers">The multiplexers that it offers, the preferred one first; none: they are agreed on later.</param>
internal sealed record HandshakePayload(byte[] IdentityKey, byte[] Signature, IReadOnlyList<string> Muxers)
{
    private const int IdentityKeyField = 1;
    private const int SignatureField = 2;
    private const int ExtensionsField = 4;
    private const int MuxersField = 2;

    /// <summary>Reads a payload.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public static HandshakePayload Parse(ReadOnlySpan<byte> message)
    {
        var (key, signature, muxers) = ((byte[])[], (byte[])[], new List<string>());
        var reader = new ProtobufReader(message, "Noise handshake payload");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case IdentityKeyField:
                    key = reader.Bytes().ToArray();
                    break;
                case SignatureField:
                    signature = reader.Bytes().ToArray();
                    break;
                case ExtensionsField:
                    ReadMuxers(reader.Bytes(), muxers);
                    break;
            }
        }

        return new(key, signature, muxers);
    }

    /// <summary>The payload's bytes.</summary>
    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(output);
        writer.WriteBytes(IdentityKeyField, IdentityKey);
        writer.WriteBytes(SignatureField, Signature);
        if (Muxers.Count > 0)
        {
            var extensions = new ArrayBufferWriter<byte>();
            foreach (var muxer in Muxers)
            {
                new ProtobufWriter(extensions).WriteText(MuxersField, muxer);
            }

            writer.WriteBytes(ExtensionsField, extensions.WrittenSpan);
        }

        return output.WrittenSpan.ToArray();
    }

    private static void ReadMuxers(ReadOnlySpan<byte> extensions, List<string> muxers)
    {
        var reader = new ProtobufReader(extensions, "Noise extensions");
        while (reader.MoveNext())
        {
            if (reader.Field == MuxersField)
            {
                muxers.Add(reader.Text());
            }
        }
    }
}
