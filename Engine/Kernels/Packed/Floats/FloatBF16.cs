using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Floats;

/// <summary>bfloat16: the upper half of a single.</summary>
internal readonly unsafe struct FloatBF16 : IFloatFormat
{
    public static int ElementBytes => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TIsa, TVector>(byte* source)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.LoadBFloat16(source);

    public static bool IsFinite(byte* element) => (*(ushort*)element & 0x7F80) != 0x7F80;
}
