using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 4 bits: vector i has those of 4-column groups 2i in its low halves, 2i + 1 in its high halves.</summary>
internal static unsafe class Codes4
{
    public const int Vectors = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Half<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, (quad * 2) + (index / 2)), index);

    /// <summary>The lower halves (the upper, where <paramref name="index"/> is odd) of bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Half<TIsa, TVector>(TVector two, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.And(index % 2 == 0 ? two : TIsa.ShiftRight(two, 4), TIsa.CreateByte(0xF));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        for (var i = 0; i < 4; i++)
        {
            *(uint*)(lane + (i * vectorBytes)) = (codes[2 * i] & 0x0F0F0F0F) | ((codes[(2 * i) + 1] & 0x0F0F0F0F) << 4);
        }
    }
}
