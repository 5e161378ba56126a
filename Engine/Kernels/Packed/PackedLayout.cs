using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>Where the parts of a packed block are, in bytes: see <see cref="IPackedFormat"/>. All of it is constant to the JIT.</summary>
internal static class PackedLayout<TIsa, TVector, TFormat>
    where TIsa : struct, IIsa<TVector>
    where TVector : struct
    where TFormat : struct, IPackedFormat
{
    /// <summary>A tile has two groups of rows.</summary>
    public const int Groups = 2;

    public static int Vector
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TIsa.Lanes * 4;
    }

    /// <summary>Rows of a tile.</summary>
    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Groups * TIsa.Lanes;
    }

    /// <summary>Chunks of 32 columns per block.</summary>
    public static int Chunks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.BlockLength / 32;
    }

    /// <summary>The d of both groups' rows.</summary>
    public static int D
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }

    /// <summary>The minimums' d of both groups' rows.</summary>
    public static int MinimumD
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector;
    }

    /// <summary>Scales of the first group; then those of the second.</summary>
    public static int Scales
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasMinimums ? 2 * Vector : Vector;
    }

    /// <summary>Minimums of the first group; then those of the second.</summary>
    public static int Minimums
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.HasMinimums && TFormat.ScaleVectors > 0 && !TFormat.SharesScales ? Scales + (Groups * ScaleBytes) : Scales;
    }

    /// <summary>Scales, or minimums, of a group.</summary>
    public static int ScaleBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.ScaleVectors * Vector;
    }

    /// <summary>The codes of the first chunk.</summary>
    public static int Codes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Minimums + (Groups * ScaleBytes);
    }

    /// <summary>A group's codes of a chunk.</summary>
    public static int CodeBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TFormat.CodeVectors * Vector;
    }

    /// <summary>All of a block.</summary>
    public static int BlockBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Codes + (Chunks * Groups * CodeBytes);
    }



}
