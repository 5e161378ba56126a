using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>One block's words.</summary>
internal readonly struct SalsaLanes128(Vector128<uint> words) : ISalsaLanes<SalsaLanes128>
{
    private readonly Vector128<uint> _words = words;

    public static int Blocks => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 Repeat(Vector128<uint> words) => new(words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 Number(ulong first) => new(Vector128.Create(first, 0).AsUInt32());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 Pick(SalsaLanes128 word0, SalsaLanes128 word1, SalsaLanes128 word2, SalsaLanes128 word3) => new(
        Vector128.ConditionalSelect(
            Vector128.Create(uint.MaxValue, uint.MaxValue, 0, 0),
            Vector128.ConditionalSelect(Vector128.Create(uint.MaxValue, 0, 0, 0), word0._words, word1._words),
            Vector128.ConditionalSelect(Vector128.Create(0, 0, uint.MaxValue, 0), word2._words, word3._words)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 RotateLeft(SalsaLanes128 value, int bits) => new((value._words << bits) | (value._words >>> (32 - bits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 Turn1(SalsaLanes128 value) => new(Vector128.Shuffle(value._words, Vector128.Create(1u, 2, 3, 0)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 Turn2(SalsaLanes128 value) => new(Vector128.Shuffle(value._words, Vector128.Create(2u, 3, 0, 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 Turn3(SalsaLanes128 value) => new(Vector128.Shuffle(value._words, Vector128.Create(3u, 0, 1, 2)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 operator +(SalsaLanes128 left, SalsaLanes128 right) => new(left._words + right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 operator ^(SalsaLanes128 left, SalsaLanes128 right) => new(left._words ^ right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SalsaLanes128 operator &(SalsaLanes128 left, SalsaLanes128 right) => new(left._words & right._words);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Xor(SalsaLanes128 value, ref byte data) => (Vector128.LoadUnsafe(ref data) ^ value._words.AsByte()).StoreUnsafe(ref data);
}
