using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Engine.Kernels.Packed.Isa;

/// <summary>
/// What the packed kernels need of an instruction set. A vector has one 32-bit lane per row of the matrix; integers are exact and floats
/// are computed lane by lane, so every instruction set gives the same bits.
/// </summary>
/// <typeparam name="TVector">The vector, as bytes.</typeparam>
internal unsafe interface IIsa<TVector>
    where TVector : struct
{
    /// <summary>32-bit lanes of a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Columns that are multiplied together at most, so that two sums of each fit the registers.</summary>
    static abstract int MaxColumns { get; }

    /// <summary>Whether <see cref="Dot"/> takes codes of all 8 bits: its partial sums have 32.</summary>
    static abstract bool TakesBytes { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Load(void* source);

    static abstract void Store(void* destination, TVector value);

    /// <summary>Four bytes to every lane.</summary>
    static abstract TVector Broadcast(void* source);

    /// <summary>The same byte everywhere.</summary>
    static abstract TVector CreateByte(byte value);

    /// <summary>The same 16 bits everywhere.</summary>
    static abstract TVector CreateInt16(short value);

    static abstract TVector And(TVector a, TVector b);

    static abstract TVector Or(TVector a, TVector b);

    /// <summary>Shifts 16-bit elements.</summary>
    static abstract TVector ShiftRight(TVector value, [ConstantExpected] byte count);

    /// <summary>Shifts 16-bit elements by a count that is no constant.</summary>
    static abstract TVector ShiftRightBy(TVector value, int count);

    /// <summary>Shifts 16-bit elements.</summary>
    static abstract TVector ShiftLeft(TVector value, [ConstantExpected] byte count);

    /// <summary>Shifts 16-bit elements with their sign.</summary>
    static abstract TVector ShiftRightSigned(TVector value, [ConstantExpected] byte count);

    /// <summary>Shifts 32-bit elements.</summary>
    static abstract TVector ShiftLeftInt32(TVector value, [ConstantExpected] byte count);

    /// <summary>Bytes by index, within each 16; an index of 128 or more gives 0.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="indices">16 indices, the same for all.</param>
    static abstract TVector Shuffle(TVector value, byte* indices);

    /// <summary>Of 16 bytes, those that the lower halves of the codes (0 to 15) name.</summary>
    static abstract TVector LookUp(sbyte* levels, TVector codes);

    static abstract TVector AddInt32(TVector a, TVector b);

    static abstract TVector SubtractInt32(TVector a, TVector b);

    /// <summary>sum + a[0] * b[0] + a[1] * b[1] per lane, of 16-bit elements.</summary>
    static abstract TVector MultiplyAddInt16(TVector sum, TVector a, TVector b);

    /// <summary>
    /// Adds the products of four unsigned codes and four signed activations to a partial sum: of 16 or 32 bits, as the instruction set has
    /// it. The caller folds it before 16 bits can overflow.
    /// </summary>
    static abstract TVector Dot(TVector partial, TVector codes, TVector activations);

    /// <summary>total + scale * (the lane's partial sum), in 32 bits.</summary>
    /// <param name="total">32-bit sums.</param>
    /// <param name="partial">What <see cref="Dot"/> made.</param>
    /// <param name="scales">A lane's scale, as two equal 16-bit elements.</param>
    static abstract TVector Fold(TVector total, TVector partial, TVector scales);

    /// <summary>total + value * scale, in 32 bits.</summary>
    /// <param name="total">32-bit sums.</param>
    /// <param name="value">32-bit values.</param>
    /// <param name="scales">A lane's scale, as two equal 16-bit elements.</param>
    static abstract TVector FoldInt32(TVector total, TVector value, TVector scales);

    /// <summary>32-bit integers to floats.</summary>
    static abstract TVector ToSingle(TVector value);

    /// <summary>Products of floats.</summary>
    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a * b + c of floats, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>-value of floats.</summary>
    static abstract TVector Negate(TVector value);

    /// <summary>As many finite half-precision numbers as there are lanes, as floats.</summary>
    static abstract TVector LoadHalf(void* source);

    /// <summary>As many bfloat16 numbers as there are lanes, as floats.</summary>
    static abstract TVector LoadBFloat16(void* source);
}
