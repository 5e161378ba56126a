using System.Buffers.Binary;
using System.Numerics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>What XSalsa20 does once per stream: from its key and nonce to the sixteen words that Salsa20 starts from.</summary>
internal static class Salsa20Core
{
    /// <summary>Bytes of a block of keystream.</summary>
    public const int BlockLength = 64;

    // "expand 32-byte k", which takes the places 0, 5, 10 and 15.
    private static ReadOnlySpan<uint> Sigma => [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

    /// <summary>
    /// HSalsa20 makes a key of the key and the nonce's first 16 bytes; Salsa20 takes that key and the other 8 bytes. Words 8 and 9, the
    /// block's number, are 0.
    /// </summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="nonce">24 bytes.</param>
    /// <param name="x">16 words.</param>
    public static void DeriveState(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, Span<uint> x)
    {
        Span<uint> words = stackalloc uint[8];
        Read(key, words);
        SetKey(x, words);
        Read(nonce[..16], x[6..10]);
        for (var round = 0; round < 20; round += 2)
        {
            ColumnRound(x);
            RowRound(x);
        }

        (words[0], words[1], words[2], words[3]) = (x[0], x[5], x[10], x[15]);
        x[6..10].CopyTo(words[4..]);
        SetKey(x, words);
        Read(nonce[16..], x[6..8]);
        x[8..10].Clear();
        words.Clear();
    }

    private static void SetKey(Span<uint> x, ReadOnlySpan<uint> key)
    {
        for (var i = 0; i < 4; i++)
        {
            x[5 * i] = Sigma[i];
            x[1 + i] = key[i];
            x[11 + i] = key[4 + i];
        }
    }

    private static void Read(ReadOnlySpan<byte> bytes, Span<uint> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
        }
    }

    private static void ColumnRound(Span<uint> x)
    {
        QuarterRound(ref x[0], ref x[4], ref x[8], ref x[12]);
        QuarterRound(ref x[5], ref x[9], ref x[13], ref x[1]);
        QuarterRound(ref x[10], ref x[14], ref x[2], ref x[6]);
        QuarterRound(ref x[15], ref x[3], ref x[7], ref x[11]);
    }

    private static void RowRound(Span<uint> x)
    {
        QuarterRound(ref x[0], ref x[1], ref x[2], ref x[3]);
        QuarterRound(ref x[5], ref x[6], ref x[7], ref x[4]);
        QuarterRound(ref x[10], ref x[11], ref x[8], ref x[9]);
        QuarterRound(ref x[15], ref x[12], ref x[13], ref x[14]);
    }

    private static void QuarterRound(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        b ^= BitOperations.RotateLeft(a + d, 7);
        c ^= BitOperations.RotateLeft(b + a, 9);
        d ^= BitOperations.RotateLeft(c + b, 13);
        a ^= BitOperations.RotateLeft(d + c, 18);
    }
}
