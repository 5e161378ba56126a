using System.Globalization;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// A private key as libp2p keeps it in files: protobuf <c>PrivateKey { 1: type, 2: data }</c>, where the data of Ed25519 is the seed and
/// then the public key (<see href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#ed25519">peer-ids, Ed25519</see>).
/// </summary>
internal static class PrivateKeyMessage
{
    /// <summary>Bytes of a message: four of protobuf, the seed and the public key.</summary>
    public const int Length = 68;

    private const int SeedBytes = 32;
    private const int KeyBytes = 64;

    private static ReadOnlySpan<byte> Head => [0x08, 0x01, 0x12, 0x40];

    /// <summary>The message of an identity. Wipe it after use.</summary>
    public static byte[] Create(Identity identity)
    {
        var message = new byte[Length];
        Head.CopyTo(message);
        identity.UseSeed(seed => seed.CopyTo(message.AsSpan(Head.Length)));
        PublicKeyMessage.Parse(identity.PublicKeyMessage.Span).CopyTo(message.AsSpan(Head.Length + SeedBytes));
        return message;
    }

    /// <summary>The identity in a message.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public static Identity Parse(ReadOnlySpan<byte> message)
    {
        var reader = new ProtobufReader(message, "private key");
        ulong? type = null;
        ReadOnlySpan<byte> data = default;
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    type = reader.UInt64();
                    break;
                case 2:
                    data = reader.Bytes();
                    break;
                default:
                    break;
            }
        }

        if (type != PublicKeyMessage.Ed25519Type || data.Length != KeyBytes)
        {
            throw new SwarmException(
                "invalid_message",
                $"private key: type {type?.ToString(CultureInfo.InvariantCulture) ?? "missing"} with {data.Length} bytes, "
                + $"expected 1 (Ed25519) with {KeyBytes}");
        }

        return FromHalves(data[..SeedBytes], data[SeedBytes..]);
    }

    private static Identity FromHalves(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> publicKey)
    {
        var identity = Identity.FromSeed(seed);
        if (CryptographicOperations.FixedTimeEquals(PublicKeyMessage.Parse(identity.PublicKeyMessage.Span), publicKey))
        {
            return identity;
        }

        identity.Dispose();
        throw new SwarmException("invalid_message", "private key: its public half belongs to another key");
    }
}
