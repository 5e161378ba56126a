using System.Globalization;
using ManagedSwarm.Transport.Libp2p.Wire;
using NSec.Cryptography;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// A public key as peers send it: protobuf <c>PublicKey { 1: type, 2: data }</c> (libp2p's
/// <see href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md#keys">peer-ids, keys</see>). Only Ed25519, and only the one
/// form that every implementation writes: a peer id is a hash of these bytes, and a key must not have two.
/// </summary>
internal static class PublicKeyMessage
{
    /// <summary>Bytes of a message: four of protobuf and the key.</summary>
    public const int Length = 36;

    /// <summary>The number of Ed25519 in <c>KeyType</c>.</summary>
    public const ulong Ed25519Type = 1;

    private static readonly string[] TypeNames = ["RSA", "Ed25519", "Secp256k1", "ECDSA"];

    private static ReadOnlySpan<byte> Head => [0x08, 0x01, 0x12, 0x20];

    /// <summary>The message of an Ed25519 key.</summary>
    /// <param name="key">32 bytes.</param>
    public static byte[] Create(ReadOnlySpan<byte> key) => [.. Head, .. key];

    /// <summary>Whether bytes have the form of an Ed25519 key's message.</summary>
    public static bool IsOne(ReadOnlySpan<byte> message) => message.Length == Length && message.StartsWith(Head);

    /// <summary>The Ed25519 key in a message.</summary>
    /// <returns>32 bytes, a part of the message.</returns>
    /// <exception cref="SwarmException"><c>invalid_public_key</c></exception>
    public static ReadOnlySpan<byte> Parse(ReadOnlySpan<byte> message)
    {
        if (IsOne(message))
        {
            return message[Head.Length..];
        }

        throw new SwarmException("invalid_public_key", $"a public key of {message.Length} bytes: {WhyNot(message)}");
    }

    /// <summary>Whether the owner of a public key has signed data.</summary>
    /// <param name="message">The key's message.</param>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">Of any length; only one of 64 bytes can be right.</param>
    /// <exception cref="SwarmException"><c>invalid_public_key</c></exception>
    public static bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        var algorithm = SignatureAlgorithm.Ed25519;
        var bytes = Parse(message);
        return signature.Length == algorithm.SignatureSize
            && PublicKey.TryImport(algorithm, bytes, KeyBlobFormat.RawPublicKey, out var key)
            && algorithm.Verify(key!, data, signature);
    }

    private static string WhyNot(ReadOnlySpan<byte> message)
    {
        try
        {
            var reader = new ProtobufReader(message, "PublicKey");
            while (reader.MoveNext())
            {
                if (reader.Field == 1 && reader.UInt64() is var type and not Ed25519Type)
                {
                    var known = type < (ulong)TypeNames.Length ? TypeNames[type] : type.ToString(CultureInfo.InvariantCulture);
                    return $"its type is {known}, only Ed25519 is supported";
                }
            }

            return $"expected Ed25519's {Length}, 08 01 12 20 and the key";
        }
        catch (SwarmException exception)
        {
            return exception.Message;
        }
    }
}
