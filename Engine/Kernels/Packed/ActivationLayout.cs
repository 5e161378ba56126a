using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Formats;

namespace ManagedSwarm.Engine.Kernels.Packed;

/// <summary>
/// How a tile's activations lie in memory, in words of 32 bits: first all codes, (words, columns), then (blocks, facts, columns). A word of
/// codes has four columns of the matrix as 8 bits, or two as 16 bits: of four columns, first and third, then second and fourth, as widening
/// a vector of bytes gives them.
/// </summary>
/// <remarks>For matrices of floats, activations stay floats, each a word: <see cref="Floats"/>.</remarks>
/// <param name="BlockLength">Activations that share a scale: 32 or 256; 1: they stay floats.</param>
/// <param name="IsWide">Whether codes are 16 bits.</param>
internal readonly record struct ActivationLayout(int BlockLength, bool IsWide)
{
    /// <summary>A block's scale, a float.</summary>
    public const int Scale = 0;

    /// <summary>In blocks of 32: the sum of the codes, an integer.</summary>
    public const int Sum = 1;

    /// <summary>In blocks of 32: the sum of the codes times the scale, a float.</summary>
    public const int ScaledSum = 2;

    /// <summary>In blocks of 256: eight words, each with the sums of two times 16 codes as 16-bit integers.</summary>
    public const int Sums16 = 1;

    /// <summary>In blocks of 256: four words, each with the sums of two times 32 codes.</summary>
    public const int Sums32 = 9;

    /// <summary>Floats as they are.</summary>
    public static ActivationLayout Floats => new(1, false);

    /// <summary>Whether activations stay floats.</summary>
    public bool IsFloat
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => BlockLength == 1;
    }

    /// <summary>Words of facts per block.</summary>
    public int Facts
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsFloat ? 0 : BlockLength == 32 ? 3 : 13;
    }

    /// <summary>Words of codes per block.</summary>
    public int CodeWords
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsFloat ? 1 : BlockLength / (IsWide ? 2 : 4);
    }

    /// <summary>Words per column and block.</summary>
    public int Words
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Facts + CodeWords;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ActivationLayout Of<TFormat>()
        where TFormat : struct, IPackedFormat => new(TFormat.BlockLength, TFormat.IsSigned);
}
