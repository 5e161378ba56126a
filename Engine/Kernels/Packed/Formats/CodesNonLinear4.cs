using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 4 bits that name one of <see cref="NonLinear4.Levels"/>; packed as <see cref="Codes4"/>.</summary>
internal static unsafe class CodesNonLinear4
{
    public const int Vectors = Codes4.Vectors;

    /// <summary>What makes all levels positive.</summary>
    public const int ByteOffset = 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct
    {
        var one = Codes4.Half<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, quad), index / 2);
        return Codes8.Widen<TIsa, TVector>(TIsa.LookUp(Levels, one), index);
    }

    /// <summary>The code's level and <see cref="ByteOffset"/>: an unsigned byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ByteCode<TIsa, TVector>(byte* codes, int quad, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.LookUp(ByteLevels, Codes4.Code<TIsa, TVector>(codes, quad, index));

    private static ReadOnlySpan<byte> LevelsAsBytes => [1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241];

    private static sbyte* ByteLevels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(LevelsAsBytes));
    }

    // Data of the assembly: it does not move.
    private static sbyte* Levels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(NonLinear4.Levels));
    }
}
