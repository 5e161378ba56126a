using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Signed codes of 8 bits, read as 16: the even columns of a vector, then the odd ones.</summary>
internal static unsafe class Codes8
{
    public const int Vectors = 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => Widen<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, (quad * 2) + (index / 2)), index);

    /// <summary>The even (odd, where <paramref name="index"/> is odd) bytes with their sign as 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Widen<TIsa, TVector>(TVector bytes, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.ShiftRightSigned(index % 2 == 0 ? TIsa.ShiftLeft(bytes, 8) : bytes, 8);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        for (var i = 0; i < 8; i++)
        {
            *(uint*)(lane + (i * vectorBytes)) = codes[i];
        }
    }
}
