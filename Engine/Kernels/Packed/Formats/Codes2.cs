using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 2 bits: vector i has those of the 4-column groups 4i to 4i + 3, ascending with the bits.</summary>
internal static unsafe class Codes2
{
    public const int Vectors = 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Quarter<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, quad), index);

    /// <summary>Two bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Quarter<TIsa, TVector>(TVector four, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct
    {
        var one = index switch
        {
            0 => four,
            1 => TIsa.ShiftRight(four, 2),
            2 => TIsa.ShiftRight(four, 4),
            _ => TIsa.ShiftRight(four, 6),
        };
        return TIsa.And(one, TIsa.CreateByte(3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        for (var i = 0; i < 2; i++, codes += 4)
        {
            *(uint*)(lane + (i * vectorBytes)) =
                (codes[0] & 0x03030303) | ((codes[1] & 0x03030303) << 2) | ((codes[2] & 0x03030303) << 4) | ((codes[3] & 0x03030303) << 6);
        }
    }
}
