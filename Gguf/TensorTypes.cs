namespace ManagedSwarm.Gguf;

/// <summary>
/// Sizes of the tensor types (ggml's <c>type_traits</c>). Others than the named values of <see cref="TensorType"/> are refused.
/// </summary>
public static class TensorTypes
{
    /// <summary>Elements per block; 1 for the float types.</summary>
    public static int BlockLength(this TensorType type) => type switch
    {
        TensorType.F32 or TensorType.F16 or TensorType.BF16 => 1,
        TensorType.Q4_0 or TensorType.Q4_1 or TensorType.Q5_0 or TensorType.Q5_1 or TensorType.Q8_0 or TensorType.IQ4_NL => 32,
        TensorType.Q2_K or TensorType.Q3_K or TensorType.Q4_K or TensorType.Q5_K or TensorType.Q6_K or TensorType.IQ4_XS => 256,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a supported tensor type"),
    };

    /// <summary>Bytes per block.</summary>
    public static int BlockBytes(this TensorType type) => type switch
    {
        TensorType.F32 => 4,
        TensorType.F16 or TensorType.BF16 => 2,
        TensorType.Q4_0 or TensorType.IQ4_NL => 18,
        TensorType.Q4_1 => 20,
        TensorType.Q5_0 => 22,
        TensorType.Q5_1 => 24,
        TensorType.Q8_0 => 34,
        TensorType.Q2_K => 84,
        TensorType.Q3_K => 110,
        TensorType.Q4_K => 144,
        TensorType.Q5_K => 176,
        TensorType.Q6_K => 210,
        TensorType.IQ4_XS => 136,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a supported tensor type"),
    };

    /// <summary>Bytes of a row of <paramref name="columns"/> elements, which must be a whole number of blocks.</summary>
    public static long RowBytes(this TensorType type, long columns) => checked(columns / type.BlockLength() * type.BlockBytes());
}
