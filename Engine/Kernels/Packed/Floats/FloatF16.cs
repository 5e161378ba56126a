using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Floats;

/// <summary>Half precision.</summary>
internal readonly unsafe struct FloatF16 : IFloatFormat
{
    public static int ElementBytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TIsa, TVector>(byte* source)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.LoadHalf(source);

    public static bool IsFinite(byte* element) => (*(ushort*)element & 0x7C00) != 0x7C00;
}
