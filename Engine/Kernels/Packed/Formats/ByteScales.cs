using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Scales of 8 bits: a vector has those of four sub-blocks of each row in the row's lane.</summary>
internal static unsafe class ByteScales
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Unsigned<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct =>
        TIsa.Shuffle(TIsa.Load(scales + (subBlock / 4 * TIsa.Lanes * 4)), Spread.Twice(subBlock & 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector UnsignedPair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct =>
        TIsa.Shuffle(TIsa.Load(scales + (pair / 2 * TIsa.Lanes * 4)), Spread.Pair(pair & 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Signed<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct =>
        TIsa.ShiftRightSigned(TIsa.Shuffle(TIsa.Load(scales + (subBlock / 4 * TIsa.Lanes * 4)), Spread.TwiceHigh(subBlock & 3)), 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SignedPair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct =>
        TIsa.ShiftRightSigned(TIsa.Shuffle(TIsa.Load(scales + (pair / 2 * TIsa.Lanes * 4)), Spread.PairHigh(pair & 1)), 8);
}
