using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>
/// Salsa20 (https://cr.yp.to/snuffle/spec.pdf) of many blocks at once, with vectors of any width. A vector holds a diagonal of the 4x4
/// words of some blocks, one block in each quarter:
/// <code>
/// d0 = x0 x5 x10 x15    d1 = x4 x9 x14 x3    d2 = x8 x13 x2 x7    d3 = x12 x1 x6 x11
/// </code>
/// So both halves of a double round are the same four steps, with the diagonals turned in between. Each step waits for the one before;
/// three groups of blocks take turns, whose twelve vectors and what a step needs beside them fit into sixteen registers.
/// </summary>
/// <typeparam name="TLanes">The vectors.</typeparam>
internal static class Salsa20Blocks<TLanes>
    where TLanes : struct, ISalsaLanes<TLanes>
{
    private const int Groups = 3;

    private static int GroupLength => TLanes.Blocks * Salsa20Core.BlockLength;

    /// <inheritdoc cref="Salsa20Kernel"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Xor(ReadOnlySpan<uint> diagonals, ulong block, Span<byte> data)
    {
        ref var words = ref MemoryMarshal.GetReference(diagonals);
        for (; data.Length >= Groups * GroupLength; data = data[(Groups * GroupLength)..])
        {
            Xor(ref words, block, ref MemoryMarshal.GetReference(data));
            block += (ulong)(Groups * TLanes.Blocks);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Xor(ref uint words, ulong block, ref byte data)
    {
        var (second, third) = (block + (ulong)TLanes.Blocks, block + (ulong)(2 * TLanes.Blocks));
        Start(ref words, block, out var a0, out var a1, out var a2, out var a3);
        Start(ref words, second, out var b0, out var b1, out var b2, out var b3);
        Start(ref words, third, out var c0, out var c1, out var c2, out var c3);
        for (var round = 0; round < 20; round += 2)
        {
            DoubleRound(ref a0, ref a1, ref a2, ref a3);
            DoubleRound(ref b0, ref b1, ref b2, ref b3);
            DoubleRound(ref c0, ref c1, ref c2, ref c3);
        }

        Finish(ref words, block, a0, a1, a2, a3, ref data);
        Finish(ref words, second, b0, b1, b2, b3, ref Unsafe.Add(ref data, GroupLength));
        Finish(ref words, third, c0, c1, c2, c3, ref Unsafe.Add(ref data, 2 * GroupLength));
    }

    /// <summary>The diagonals before the first round. The block's number is in x8 (low half) and x9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Start(ref uint words, ulong block, out TLanes d0, out TLanes d1, out TLanes d2, out TLanes d3)
    {
        var number = TLanes.Number(block);
        d0 = TLanes.Repeat(Vector128.LoadUnsafe(ref words));
        d1 = TLanes.Repeat(Vector128.LoadUnsafe(ref words, 4)) ^ (number & TLanes.Repeat(Vector128.Create(0, uint.MaxValue, 0, 0)));
        d2 = TLanes.Repeat(Vector128.LoadUnsafe(ref words, 8)) ^ (number & TLanes.Repeat(Vector128.Create(uint.MaxValue, 0, 0, 0)));
        d3 = TLanes.Repeat(Vector128.LoadUnsafe(ref words, 12));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DoubleRound(ref TLanes d0, ref TLanes d1, ref TLanes d2, ref TLanes d3)
    {
        d1 ^= TLanes.RotateLeft(d0 + d3, 7);
        d2 ^= TLanes.RotateLeft(d1 + d0, 9);
        d3 ^= TLanes.RotateLeft(d2 + d1, 13);
        d0 ^= TLanes.RotateLeft(d3 + d2, 18);
        d1 = TLanes.Turn3(d1);
        d2 = TLanes.Turn2(d2);
        d3 = TLanes.Turn1(d3);
        d3 ^= TLanes.RotateLeft(d0 + d1, 7);
        d2 ^= TLanes.RotateLeft(d3 + d0, 9);
        d1 ^= TLanes.RotateLeft(d2 + d3, 13);
        d0 ^= TLanes.RotateLeft(d1 + d2, 18);
        d1 = TLanes.Turn1(d1);
        d2 = TLanes.Turn2(d2);
        d3 = TLanes.Turn3(d3);
    }

    /// <summary>Adds the words from before the first round, puts them in order and XORs them to the group's bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(ref uint words, ulong block, TLanes d0, TLanes d1, TLanes d2, TLanes d3, ref byte data)
    {
        Start(ref words, block, out var s0, out var s1, out var s2, out var s3);
        (d0, d1, d2, d3) = (d0 + s0, d1 + s1, d2 + s2, d3 + s3);
        TLanes.Xor(TLanes.Pick(d0, d3, d2, d1), ref data);
        TLanes.Xor(TLanes.Pick(d1, d0, d3, d2), ref Unsafe.Add(ref data, 16));
        TLanes.Xor(TLanes.Pick(d2, d1, d0, d3), ref Unsafe.Add(ref data, 32));
        TLanes.Xor(TLanes.Pick(d3, d2, d1, d0), ref Unsafe.Add(ref data, 48));
    }
}
