using ManagedSwarm.Engine.Kernels.Packed.Isa;

namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>
/// How a tensor type is packed, and how a tile reads it. Rows are packed in pairs of groups, a group having as many rows as a vector has
/// lanes. A packed block, all parts whole vectors: d of both groups (16 bits each), the minimums' d likewise, the scales of the first group,
/// of the second, the minimums likewise; then, chunk for chunk of 32 columns, the codes of both groups by turns: see <see cref="CodeVector"/>.
/// A vector of codes has four columns of each row side by side in the row's lane.
/// </summary>
internal unsafe interface IPackedFormat
{
    /// <summary>Columns per block: 32 or 256.</summary>
    static abstract int BlockLength { get; }

    /// <summary>Whether codes are signed: then they are multiplied as 16 bits, else as 8.</summary>
    static virtual bool IsSigned => false;

    /// <summary>Vectors of codes per chunk of 32 columns and group of rows.</summary>
    static abstract int CodeVectors { get; }

    /// <summary>Unsigned products of which 16 bits can hold the sum: two products of codes and activations each.</summary>
    static virtual int DotsPerFold => 8;

    /// <summary>Columns that share a scale: 16 or 32.</summary>
    static virtual int ScaleLength => 32;

    /// <summary>Vectors of scales, or of minimums, per group of rows; 0: a block's d is all there is.</summary>
    static virtual int ScaleVectors => 0;

    /// <summary>Whether there are minimums beside the scales.</summary>
    static virtual bool HasMinimums => false;

    /// <summary>Whether a byte has both, the scale in its lower half and the minimum in its upper half.</summary>
    static virtual bool SharesScales => false;

    /// <summary>What is taken from each code.</summary>
    static virtual int Offset => 0;

    /// <summary>The high bits of a quad of code vectors, where they lie apart.</summary>
    /// <param name="codes">A group's codes of a chunk.</param>
    /// <param name="quad">Which four vectors.</param>
    static virtual TVector High<TIsa, TVector>(byte* codes, int quad)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => default;

    /// <summary>One of a quad's four vectors of codes; columns ascend with it.</summary>
    static abstract TVector Code<TIsa, TVector>(byte* codes, int quad, TVector high, int index)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct;

    /// <summary>The scale of a sub-block as two equal 16-bit elements.</summary>
    static virtual TVector Scale<TIsa, TVector>(byte* scales, int subBlock)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => TIsa.CreateInt16(1);

    /// <summary>Minimums (scales, where there are none) of sub-blocks 2 × pair and 2 × pair + 1 as 16-bit elements.</summary>
    static virtual TVector Pair<TIsa, TVector>(byte* scales, int pair)
        where TIsa : struct, IIsa<TVector>
        where TVector : struct => default;

    /// <summary>Takes a block of the file apart.</summary>
    static abstract void Unpack(byte* block, UnpackedBlock* unpacked);

    /// <summary>Puts the codes of 32 columns of a row in their places.</summary>
    /// <param name="codes">8 × four columns.</param>
    /// <param name="lane">The row's lane in the first vector of codes.</param>
    /// <param name="vectorBytes">From a vector of the row's group to the next.</param>
    static abstract void PackCodes(uint* codes, byte* lane, int vectorBytes);
}
