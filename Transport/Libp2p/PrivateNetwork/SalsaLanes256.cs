using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>The words of two blocks.</summary>
internal readonly struct SalsaLanes256(Vector256<uint> words) : ISalsaLanes<SalsaLanes256>
{
    private readonly Vector256<uint> _words = words;

    public static int Blocks => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 Repeat(Vector128<uint> words) => new(Vector256.Create(words));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 Number(ulong first) => new(Vector256.Create(first, 0, first + 1, 0).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 Pick(SalsaLanes256 word0, SalsaLanes256 word1, SalsaLanes256 word2, SalsaLanes256 word3) => new(
        Vector256.ConditionalSelect(
            Vector256.Create(Vector128.Create(uint.MaxValue, uint.MaxValue, 0, 0)),
            Vector256.ConditionalSelect(Vector256.Create(Vector128.Create(uint.MaxValue, 0, 0, 0)), word0._words, word1._words),
            Vector256.ConditionalSelect(Vector256.Create(Vector128.Create(0, 0, uint.MaxValue, 0)), word2._words, word3._words)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 RotateLeft(SalsaLanes256 value, int bits) => new((value._words << bits) | (value._words >>> (32 - bits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 Turn1(SalsaLanes256 value) => new(Vector256.Shuffle(value._words, Vector256.Create(1u, 2, 3, 0, 5, 6, 7, 4)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 Turn2(SalsaLanes256 value) => new(Vector256.Shuffle(value._words, Vector256.Create(2u, 3, 0, 1, 6, 7, 4, 5)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 Turn3(SalsaLanes256 value) => new(Vector256.Shuffle(value._words, Vector256.Create(3u, 0, 1, 2, 7, 4, 5, 6)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 operator +(SalsaLanes256 left, SalsaLanes256 right) => new(left._words + right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 operator ^(SalsaLanes256 left, SalsaLanes256 right) => new(left._words ^ right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes256 operator &(SalsaLanes256 left, SalsaLanes256 right) => new(left._words & right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(SalsaLanes256 value, ref byte data)
    {
        SalsaLanes128.Xor(new(value._words.GetLower()), ref data);
        SalsaLanes128.Xor(new(value._words.GetUpper()), ref Unsafe.Add(ref data, Salsa20Core.BlockLength));
    }
}
