using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Floats;

/// <summary>How a float type is kept, which is as in the file, and read.</summary>
internal unsafe interface IFloatFormat
{
    /// <summary>Bytes per element.</summary>
    static abstract int ElementBytes { get; }

    /// <summary>As many elements as a vector has lanes, as floats.</summary>
    static abstract TVector Load<TIsa, TVector>(byte* source)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct;

    /// <summary>Whether an element is a finite number.</summary>
    static abstract bool IsFinite(byte* element);
}
