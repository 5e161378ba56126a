using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>
/// The stream cipher XSalsa20 (https://cr.yp.to/snuffle/xsalsa-20110204.pdf) from its first byte on, any number of bytes at a time. It
/// hides bytes and does not authenticate them. No tables, no branches on secrets.
/// </summary>
/// <remarks>
/// <para>A vector holds a diagonal of the 4x4 words of four blocks, one block in each quarter:</para>
/// <code>
/// d0 = x0 x5 x10 x15    d1 = x4 x9 x14 x3    d2 = x8 x13 x2 x7    d3 = x12 x1 x6 x11
/// </code>
/// <para>
/// So both halves of a double round are the same four steps, with the diagonals turned in between, and four times four blocks are
/// under way at once. Vector512 falls back to narrower vectors with the same results.
/// </para>
/// </remarks>
internal sealed class XSalsa20
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes of a nonce, which is never used twice with one key.</summary>
    public const int NonceLength = 24;

    private const int BlockLength = 64;
    private const int GroupBlocks = 4;
    private const int GroupLength = GroupBlocks * BlockLength;
    private const int BatchLength = 4 * GroupLength;

    private static readonly Vector512<uint> Lane0 = Lanes(uint.MaxValue, 0, 0, 0);
    private static readonly Vector512<uint> Lane1 = Lanes(0, uint.MaxValue, 0, 0);
    private static readonly Vector512<uint> Lane2 = Lanes(0, 0, uint.MaxValue, 0);
    private static readonly Vector512<uint> LowLanes = Lanes(uint.MaxValue, uint.MaxValue, 0, 0);

    private readonly Vector512<uint> _d0;
    private readonly Vector512<uint> _d1;
    private readonly Vector512<uint> _d2;
    private readonly Vector512<uint> _d3;
    private readonly byte[] _keystream = new byte[BatchLength];
    private int _used = BatchLength;
    private ulong _block;

    /// <param name="key"><see cref="KeyLength"/> bytes.</param>
    /// <param name="nonce"><see cref="NonceLength"/> bytes.</param>
    /// <param name="firstBlock">Which block of 64 bytes the stream begins with.</param>
    public XSalsa20(ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ulong firstBlock = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeyLength);
        ArgumentOutOfRangeException.ThrowIfNotEqual(nonce.Length, NonceLength);
        Span<uint> x = stackalloc uint[16];
        Salsa20Core.DeriveState(key, nonce, x);
        _d0 = Lanes(x[0], x[5], x[10], x[15]);
        _d1 = Lanes(x[4], 0, x[14], x[3]);
        _d2 = Lanes(0, x[13], x[2], x[7]);
        _d3 = Lanes(x[12], x[1], x[6], x[11]);
        x.Clear();
        _block = firstBlock;
    }

    /// <summary>Encrypts or decrypts in place what comes next in the stream.</summary>
    public void Apply(Span<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_used == BatchLength)
            {
                data = ApplyBatches(data);
                if (data.IsEmpty)
                {
                    return;
                }

                Array.Clear(_keystream);
                XorBatch(ref _keystream[0]);
                _used = 0;
            }

            var count = Math.Min(data.Length, BatchLength - _used);
            Xor(data[..count], _keystream.AsSpan(_used, count));
            _used += count;
            data = data[count..];
        }
    }

    private Span<byte> ApplyBatches(Span<byte> data)
    {
        while (data.Length >= BatchLength)
        {
            XorBatch(ref MemoryMarshal.GetReference(data));
            data = data[BatchLength..];
        }

        return data;
    }

    private static void Xor(Span<byte> data, ReadOnlySpan<byte> keystream)
    {
        var i = 0;
        for (; i <= data.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            (Vector256.Create<byte>(data[i..]) ^ Vector256.Create(keystream[i..])).CopyTo(data[i..]);
        }

        for (; i < data.Length; i++)
        {
            data[i] ^= keystream[i];
        }
    }

    /// <summary>XORs the next 16 blocks of keystream to 1024 bytes.</summary>
    private void XorBatch(ref byte data)
    {
        var (a0, a1, a2, a3) = Start(0);
        var (b0, b1, b2, b3) = Start(1);
        var (c0, c1, c2, c3) = Start(2);
        var (e0, e1, e2, e3) = Start(3);
        for (var round = 0; round < 20; round += 2)
        {
            DoubleRound(ref a0, ref a1, ref a2, ref a3);
            DoubleRound(ref b0, ref b1, ref b2, ref b3);
            DoubleRound(ref c0, ref c1, ref c2, ref c3);
            DoubleRound(ref e0, ref e1, ref e2, ref e3);
        }

        Finish(0, a0, a1, a2, a3, ref data);
        Finish(1, b0, b1, b2, b3, ref data);
        Finish(2, c0, c1, c2, c3, ref data);
        Finish(3, e0, e1, e2, e3, ref data);
        _block += 4 * GroupBlocks;
    }

    /// <summary>The diagonals before the first round. The block's number is in x8 (low half) and x9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (Vector512<uint> D0, Vector512<uint> D1, Vector512<uint> D2, Vector512<uint> D3) Start(int group)
    {
        var first = Vector512.Create(_block + (ulong)(group * GroupBlocks));
        var blocks = (first + Vector512.Create(0UL, 0, 1, 0, 2, 0, 3, 0)).AsUInt32();
        return (_d0, _d1 | (blocks & Lane1), _d2 | (blocks & Lane0), _d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DoubleRound(ref Vector512<uint> d0, ref Vector512<uint> d1, ref Vector512<uint> d2, ref Vector512<uint> d3)
    {
        d1 ^= Rotate(d0 + d3, 7);
        d2 ^= Rotate(d1 + d0, 9);
        d3 ^= Rotate(d2 + d1, 13);
        d0 ^= Rotate(d3 + d2, 18);
        d1 = Turn3(d1);
        d2 = Turn2(d2);
        d3 = Turn1(d3);
        d3 ^= Rotate(d0 + d1, 7);
        d2 ^= Rotate(d3 + d0, 9);
        d1 ^= Rotate(d2 + d3, 13);
        d0 ^= Rotate(d1 + d2, 18);
        d1 = Turn1(d1);
        d2 = Turn2(d2);
        d3 = Turn3(d3);
    }

    /// <summary>Adds the words from before the first round, puts them in order and XORs them to the group's 256 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Finish(int group, Vector512<uint> d0, Vector512<uint> d1, Vector512<uint> d2, Vector512<uint> d3, ref byte data)
    {
        var start = Start(group);
        (d0, d1, d2, d3) = (d0 + start.D0, d1 + start.D1, d2 + start.D2, d3 + start.D3);
        data = ref Unsafe.Add(ref data, group * GroupLength);
        XorRow(ref data, Pick(d0, d3, d2, d1));
        XorRow(ref Unsafe.Add(ref data, 16), Pick(d1, d0, d3, d2));
        XorRow(ref Unsafe.Add(ref data, 32), Pick(d2, d1, d0, d3));
        XorRow(ref Unsafe.Add(ref data, 48), Pick(d3, d2, d1, d0));
    }

    /// <summary>XORs one row of each of four blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void XorRow(ref byte data, Vector512<uint> row)
    {
        var (low, high) = (row.GetLower().AsByte(), row.GetUpper().AsByte());
        (Vector128.LoadUnsafe(ref data) ^ low.GetLower()).StoreUnsafe(ref data);
        (Vector128.LoadUnsafe(ref data, BlockLength) ^ low.GetUpper()).StoreUnsafe(ref data, BlockLength);
        (Vector128.LoadUnsafe(ref data, 2 * BlockLength) ^ high.GetLower()).StoreUnsafe(ref data, 2 * BlockLength);
        (Vector128.LoadUnsafe(ref data, 3 * BlockLength) ^ high.GetUpper()).StoreUnsafe(ref data, 3 * BlockLength);
    }

    /// <summary>Lane 0 of the first, lane 1 of the second and so on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Pick(Vector512<uint> lane0, Vector512<uint> lane1, Vector512<uint> lane2, Vector512<uint> lane3) =>
        Vector512.ConditionalSelect(
            LowLanes,
            Vector512.ConditionalSelect(Lane0, lane0, lane1),
            Vector512.ConditionalSelect(Lane2, lane2, lane3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Rotate(Vector512<uint> value, int bits) => (value << bits) | (value >>> (32 - bits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Turn1(Vector512<uint> value) =>
        Vector512.Shuffle(value, Vector512.Create(1u, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Turn2(Vector512<uint> value) =>
        Vector512.Shuffle(value, Vector512.Create(2u, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Turn3(Vector512<uint> value) =>
        Vector512.Shuffle(value, Vector512.Create(3u, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));

    /// <summary>The same four words in each quarter.</summary>
    private static Vector512<uint> Lanes(uint lane0, uint lane1, uint lane2, uint lane3)
    {
        var quarter = Vector128.Create(lane0, lane1, lane2, lane3);
        var half = Vector256.Create(quarter, quarter);
        return Vector512.Create(half, half);
    }
}
