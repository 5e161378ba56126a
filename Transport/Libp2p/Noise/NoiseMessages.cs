using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p.Multistream;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// The handshake's three messages on the wire, each <c>u16be length || message</c>
/// (https://github.com/libp2p/specs/blob/master/noise/README.md, wire format).
/// </summary>
internal static class NoiseMessages
{
    /// <summary>Bytes of the longest message that is read or written: keys and signatures need some hundred.</summary>
    public const int MaxLength = 4 << 10;

    private const int LengthBytes = 2;

    /// <summary>Says and hears messages until the handshake is complete. The caller's token limits its time.</summary>
    /// <exception cref="SwarmException"><c>handshake_failed</c>, <c>wrong_peer</c>, <c>connection_lost</c></exception>
    public static async ValueTask ExchangeAsync(NoiseHandshake handshake, IByteDuplex duplex, CancellationToken cancellationToken)
    {
        var buffer = new byte[LengthBytes + MaxLength];
        while (!handshake.IsComplete)
        {
            if (handshake.IsWriting)
            {
                var length = handshake.Write(buffer.AsSpan(LengthBytes));
                BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)length);
                await duplex.WriteAsync(buffer.AsMemory(0, LengthBytes + length), cancellationToken);
            }
            else
            {
                await duplex.ReadExactlyAsync(buffer.AsMemory(0, LengthBytes), cancellationToken);
                int length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
                if (length > MaxLength)
                {
                    throw new SwarmException("handshake_failed", $"A message of a Noise handshake has at most {MaxLength} bytes here, not {length}.");
                }

                await duplex.ReadExactlyAsync(buffer.AsMemory(LengthBytes, length), cancellationToken);
                handshake.Read(buffer.AsSpan(LengthBytes, length));
            }
        }
    }
}
