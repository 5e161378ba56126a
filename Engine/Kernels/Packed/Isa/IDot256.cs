using System.Runtime.Intrinsics;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>How a CPU with AVX2 multiplies integers: what differs with and without VNNI.</summary>
internal interface IDot256
{
    /// <inheritdoc cref="IIsa{TVector}.MultiplyAddInt16"/>
    static abstract Vector256<byte> MultiplyAddInt16(Vector256<byte> sum, Vector256<byte> a, Vector256<byte> b);

    /// <inheritdoc cref="IIsa{TVector}.Dot"/>
    static abstract Vector256<byte> Dot(Vector256<byte> partial, Vector256<byte> codes, Vector256<byte> activations);

    /// <inheritdoc cref="IIsa{TVector}.Fold"/>
    static abstract Vector256<byte> Fold(Vector256<byte> total, Vector256<byte> partial, Vector256<byte> scales);
}
