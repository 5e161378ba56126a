using System.Runtime.CompilerServices;
using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Floats;

/// <summary>Single precision.</summary>
internal readonly unsafe struct FloatF32 : IFloatFormat
{
    public static int ElementBytes => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TIsa, TVector>(byte* source)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.Load(source);

    public static bool IsFinite(byte* element) => float.IsFinite(*(float*)element);
}
