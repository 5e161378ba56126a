namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>How integers are multiplied: in what CPUs with vectors of the same size differ most.</summary>
/// <typeparam name="TVector">The vector, as bytes.</typeparam>
internal interface IDot<TVector>
    where TVector : struct
{
    /// <inheritdoc cref="IIsa{TVector}.TakesBytes"/>
    static virtual bool TakesBytes => false;

    /// <inheritdoc cref="IIsa{TVector}.MultiplyAddInt16"/>
    static abstract TVector MultiplyAddInt16(TVector sum, TVector a, TVector b);

    /// <inheritdoc cref="IIsa{TVector}.Dot"/>
    static abstract TVector Dot(TVector partial, TVector codes, TVector activations);

    /// <inheritdoc cref="IIsa{TVector}.Fold"/>
    static abstract TVector Fold(TVector total, TVector partial, TVector scales);
}
