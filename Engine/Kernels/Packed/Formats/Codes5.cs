using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 5 bits: a vector with the fifth bits, that of 4-column group i in bit i, then as <see cref="Codes4"/>.</summary>
internal static unsafe class Codes5
{
    public const int Vectors = 5;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.ShiftRightBy(CodeVector.Load<TIsa, TVector>(codes, 0), quad * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct
    {
        var bit = index switch
        {
            0 => TIsa.ShiftLeft(high, 4),
            1 => TIsa.ShiftLeft(high, 3),
            2 => TIsa.ShiftLeft(high, 2),
            _ => TIsa.ShiftLeft(high, 1),
        };
        return TIsa.Or(Codes4.Half<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, 1 + (quad * 2) + (index / 2)), index), TIsa.And(bit, TIsa.CreateByte(0x10)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        Codes4.Pack(codes, lane + vectorBytes, vectorBytes);
        var bits = 0u;
        for (var i = 0; i < 8; i++)
        {
            bits |= ((codes[i] >> 4) & 0x01010101) << i;
        }

        *(uint*)lane = bits;
    }
}
