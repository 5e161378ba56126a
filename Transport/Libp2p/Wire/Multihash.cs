using System.Buffers;
using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Libp2p.Wire;

/// <summary>
/// A digest that says how it was made: <c>varint(function) varint(length) digest</c>
/// (<see href="https://multiformats.io/multihash/">multihash</see>).
/// </summary>
internal static class Multihash
{
    /// <summary>The digest is the data itself.</summary>
    public const ulong Identity = 0x00;

    public const ulong Sha256 = 0x12;

    /// <summary>The multihash of a digest.</summary>
    public static byte[] Wrap(ulong function, ReadOnlySpan<byte> digest)
    {
        var head = Varint.LengthOf(function);
        var multihash = new byte[head + Varint.LengthOf((ulong)digest.Length) + digest.Length];
        Varint.Write(multihash, function);
        Varint.Write(multihash.AsSpan(head), (ulong)digest.Length);
        digest.CopyTo(multihash.AsSpan(multihash.Length - digest.Length));
        return multihash;
    }

    /// <summary>The multihash of data by SHA-256.</summary>
    public static byte[] OfSha256(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, digest);
        return Wrap(Sha256, digest);
    }

    /// <summary>Takes a multihash apart.</summary>
    /// <param name="multihash">One, and nothing behind it.</param>
    /// <param name="function">How the digest was made.</param>
    /// <param name="digest">A part of <paramref name="multihash"/>.</param>
    /// <returns>False: it is not well-formed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> multihash, out ulong function, out ReadOnlySpan<byte> digest)
    {
        digest = default;
        if (Varint.TryRead(multihash, out function, out var head) != OperationStatus.Done
            || Varint.TryRead(multihash[head..], out var length, out var size) != OperationStatus.Done
            || length != (ulong)(multihash.Length - head - size))
        {
            return false;
        }

        digest = multihash[(head + size)..];
        return true;
    }
}
