using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>The words of four blocks.</summary>
internal readonly struct SalsaLanes512(Vector512<uint> words) : ISalsaLanes<SalsaLanes512>
{
    private readonly Vector512<uint> _words = words;

    public static int Blocks => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 Repeat(Vector128<uint> words) => new(Vector512.Create(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 Number(ulong first) => new(Vector512.Create(first, 0, first + 1, 0, first + 2, 0, first + 3, 0).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 Pick(SalsaLanes512 word0, SalsaLanes512 word1, SalsaLanes512 word2, SalsaLanes512 word3) => new(
        Vector512.ConditionalSelect(
            Vector512.Create(Vector128.Create(uint.MaxValue, uint.MaxValue, 0, 0)),
            Vector512.ConditionalSelect(Vector512.Create(Vector128.Create(uint.MaxValue, 0, 0, 0)), word0._words, word1._words),
            Vector512.ConditionalSelect(Vector512.Create(Vector128.Create(0, 0, uint.MaxValue, 0)), word2._words, word3._words)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 RotateLeft(SalsaLanes512 value, int bits) => new((value._words << bits) | (value._words >>> (32 - bits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 Turn1(SalsaLanes512 value) =>
        new(Vector512.Shuffle(value._words, Vector512.Create(1u, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 Turn2(SalsaLanes512 value) =>
        new(Vector512.Shuffle(value._words, Vector512.Create(2u, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 Turn3(SalsaLanes512 value) =>
        new(Vector512.Shuffle(value._words, Vector512.Create(3u, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 operator +(SalsaLanes512 left, SalsaLanes512 right) => new(left._words + right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 operator ^(SalsaLanes512 left, SalsaLanes512 right) => new(left._words ^ right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes512 operator &(SalsaLanes512 left, SalsaLanes512 right) => new(left._words & right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(SalsaLanes512 value, ref byte data)
    {
        SalsaLanes256.Xor(new(value._words.GetLower()), ref data);
        SalsaLanes256.Xor(new(value._words.GetUpper()), ref Unsafe.Add(ref data, 2 * Salsa20Core.BlockLength));
    }
}
