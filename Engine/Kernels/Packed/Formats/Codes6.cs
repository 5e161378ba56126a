using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 6 bits: as <see cref="Codes4"/>, and two vectors with the upper bits as <see cref="Codes2"/> has them.</summary>
internal static unsafe class Codes6
{
    public const int Vectors = Codes4.Vectors + Codes2.Vectors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.Load(codes + ((Codes4.Vectors + quad) * TIsa.Lanes * 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct
    {
        var bits = index switch
        {
            0 => TIsa.ShiftLeft(high, 4),
            1 => TIsa.ShiftLeft(high, 2),
            2 => high,
            _ => TIsa.ShiftRight(high, 2),
        };
        return TIsa.Or(Codes4.Code<TIsa, TVector>(codes, quad, index), TIsa.And(bits, TIsa.CreateByte(0x30)));
    }

    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        var high = stackalloc uint[8];
        for (var i = 0; i < 8; i++)
        {
            high[i] = (codes[i] >> 4) & 0x03030303;
        }

        Codes4.Pack(codes, lane, vectorBytes);
        Codes2.Pack(high, lane + (Codes4.Vectors * vectorBytes), vectorBytes);
    }
}
