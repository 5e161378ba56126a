using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 3 bits: as <see cref="Codes2"/>, and a vector with the third bits: that of 4-column group i in bit i.</summary>
internal static unsafe class Codes3
{
    public const int Vectors = Codes2.Vectors + 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.ShiftRightBy(TIsa.Load(codes + (Codes2.Vectors * TIsa.Lanes * 4)), quad * 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct
    {
        var bit = index switch
        {
            0 => TIsa.ShiftLeft(high, 2),
            1 => TIsa.ShiftLeft(high, 1),
            2 => high,
            _ => TIsa.ShiftRight(high, 1),
        };
        return TIsa.Or(Codes2.Code<TIsa, TVector>(codes, quad, index), TIsa.And(bit, TIsa.CreateByte(4)));
    }

    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        Codes2.Pack(codes, lane, vectorBytes);
        var bits = 0u;
        for (var i = 0; i < 8; i++)
        {
            bits |= ((codes[i] >> 2) & 0x01010101) << i;
        }

        *(uint*)(lane + (Codes2.Vectors * vectorBytes)) = bits;
    }
}
