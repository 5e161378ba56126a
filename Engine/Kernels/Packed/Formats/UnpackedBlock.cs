namespace ManagedSwarm.Engine.Kernels.Packed.Formats;

/// <summary>A block of any type, taken apart: 32 or 256 codes, up to 16 scales and minimums, and their scales.</summary>
internal unsafe struct UnpackedBlock
{
    /// <summary>A code per column; signed ones as two's complement.</summary>
    public fixed byte Codes[256];

    /// <summary>A scale per sub-block; signed ones as two's complement.</summary>
    public fixed byte Scales[16];

    /// <summary>A minimum per sub-block.</summary>
    public fixed byte Minimums[16];

    /// <summary>The scale of the scales, or of the codes.</summary>
    public Half D;

    /// <summary>The scale of the minimums, or the minimum of all.</summary>
    public Half Minimum;
}
