using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>Puts a row's block in its lane of a packed block.</summary>
internal static unsafe class BlockPacker<TIsa, TVector, TFormat>
    where TIsa : struct, IIsa<TVector>
    where TVector : struct
    where TFormat : struct, IPackedFormat
{
    /// <param name="source">The row's block.</param>
    /// <param name="block">The packed block.</param>
    /// <param name="row">The row within the tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(UnpackedBlock* source, byte* block, int row)
    {
        var (group, lane) = Math.DivRem(row, TIsa.Lanes);
        *(Half*)(block + PackedLayout<TIsa, TVector, TFormat>.D + (row * sizeof(Half))) = source->D;
        if (TFormat.HasMinimums)
        {
            *(Half*)(block + PackedLayout<TIsa, TVector, TFormat>.MinimumD + (row * sizeof(Half))) = source->Minimum;
        }

        var scales = (group * PackedLayout<TIsa, TVector, TFormat>.ScaleBytes) + (lane * sizeof(int));
        for (var i = 0; i < TFormat.ScaleVectors; i++)
        {
            var word = scales + (i * PackedLayout<TIsa, TVector, TFormat>.Vector);
            *(uint*)(block + PackedLayout<TIsa, TVector, TFormat>.Scales + word) = ((uint*)source->Scales)[i];
            if (TFormat.HasMinimums && !TFormat.SharesScales)
            {
                *(uint*)(block + PackedLayout<TIsa, TVector, TFormat>.Minimums + word) = ((uint*)source->Minimums)[i];
            }
        }

        var codes = block + PackedLayout<TIsa, TVector, TFormat>.Codes + (group * PackedLayout<TIsa, TVector, TFormat>.Vector) + (lane * sizeof(int));
        for (var chunk = 0; chunk < PackedLayout<TIsa, TVector, TFormat>.Chunks; chunk++)
        {
            TFormat.PackCodes((uint*)source->Codes + (chunk * 8), codes, 2 * PackedLayout<TIsa, TVector, TFormat>.Vector);
            codes += 2 * PackedLayout<TIsa, TVector, TFormat>.CodeBytes;
        }
    }
}
