using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 6 bits: for each quad a vector with the upper bits as <see cref="Codes2"/> has them, then two as <see cref="Codes4"/>.</summary>
internal static unsafe class Codes6
{
    public const int Vectors = 2 * QuadVectors;

    private const int QuadVectors = 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => CodeVector.Load<TIsa, TVector>(codes, quad * QuadVectors);

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
        return TIsa.Or(Codes4.Half<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, (quad * QuadVectors) + 1 + (index / 2)), index), TIsa.And(bits, TIsa.CreateByte(0x30)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(uint* codes, byte* lane, int vectorBytes)
    {
        for (var quad = 0; quad < 2; quad++, codes += 4, lane += QuadVectors * vectorBytes)
        {
            *(uint*)lane = ((codes[0] >> 4) & 0x03030303) | ((codes[1] >> 2) & 0x0C0C0C0C) | (codes[2] & 0x30303030) | ((codes[3] << 2) & 0xC0C0C0C0);
            *(uint*)(lane + vectorBytes) = (codes[0] & 0x0F0F0F0F) | ((codes[1] & 0x0F0F0F0F) << 4);
            *(uint*)(lane + (2 * vectorBytes)) = (codes[2] & 0x0F0F0F0F) | ((codes[3] & 0x0F0F0F0F) << 4);
        }
    }
}
