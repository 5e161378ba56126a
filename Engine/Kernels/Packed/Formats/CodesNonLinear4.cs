using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>Codes of 4 bits that name one of <see cref="NonLinear4.Levels"/>; packed as <see cref="Codes4"/>.</summary>
internal static unsafe class CodesNonLinear4
{
    public const int Vectors = Codes4.Vectors;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Code<TIsa, TVector>(byte* codes, int quad, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct
    {
        var one = Codes4.Half<TIsa, TVector>(CodeVector.Load<TIsa, TVector>(codes, quad), index / 2);
        return Codes8.Widen<TIsa, TVector>(TIsa.LookUp(Levels, one), index);
    }

    // Data of the assembly: it does not move.
    private static sbyte* Levels
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (sbyte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(NonLinear4.Levels));
    }
}
