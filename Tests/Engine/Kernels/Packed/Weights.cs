using System.Buffers.Binary;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Kernels.Packed;

/// <summary>Rows of blocks of every type: random bits, with scales that are finite.</summary>
internal static class Weights
{
    /// <summary>Where a block has its scale and, if it has one, its minimum, in bytes.</summary>
    private static readonly Dictionary<TensorType, int[]> ScalePlaces = new()
    {
        [TensorType.Q4_0] = [0],
        [TensorType.Q4_1] = [0, 2],
        [TensorType.Q5_0] = [0],
        [TensorType.Q5_1] = [0, 2],
        [TensorType.Q8_0] = [0],
        [TensorType.Q2_K] = [80, 82],
        [TensorType.Q3_K] = [108],
        [TensorType.Q4_K] = [0, 2],
        [TensorType.Q5_K] = [0, 2],
        [TensorType.Q6_K] = [208],
        [TensorType.IQ4_NL] = [0],
        [TensorType.IQ4_XS] = [0],
    };

    public static IEnumerable<TensorType> QuantizedTypes => ScalePlaces.Keys;

    public static IEnumerable<TensorType> FloatTypes => [TensorType.F32, TensorType.F16, TensorType.BF16];

    public static IEnumerable<TensorType> Types => QuantizedTypes.Concat(FloatTypes);

    /// <summary>How many halves of a block are scales.</summary>
    public static int ScaleCount(TensorType type) => ScalePlaces[type].Length;

    /// <summary>Rows of random codes and sub-block scales, scales from -0.02 to 0.02; floats likewise.</summary>
    public static byte[][] Random(TensorType type, int columns, int rows, int seed)
    {
        var random = new Random(seed);
        return Rows(type, columns, rows, random.NextBytes, () => (Half)((random.NextDouble() - 0.5) * 0.04));
    }

    /// <summary>Rows of random bits, scales too, as long as these are finite.</summary>
    public static byte[][] Fuzz(TensorType type, int columns, int rows, int seed)
    {
        var random = new Random(seed);
        return Rows(type, columns, rows, random.NextBytes, () => FiniteHalf(random));
    }

    /// <summary>Rows whose bytes, but for the scales, are all the same.</summary>
    public static byte[][] Uniform(TensorType type, int columns, int rows, byte value, Half scale) =>
        Rows(type, columns, rows, row => row.Fill(value), () => scale);

    /// <summary>Writes one of a block's scales (or an element, for floats).</summary>
    public static void SetScale(TensorType type, byte[] row, int block, int index, Half value)
    {
        if (ScalePlaces.TryGetValue(type, out var places))
        {
            BinaryPrimitives.WriteHalfLittleEndian(row.AsSpan((block * type.BlockBytes()) + places[index]), value);
        }
        else
        {
            BlockCodec.Quantize(type, [(float)value], row.AsSpan(block * type.BlockBytes(), type.BlockBytes()));
        }
    }

    private delegate void Filler(Span<byte> row);

    private static byte[][] Rows(TensorType type, int columns, int rows, Filler fill, Func<Half> scale)
    {
        var result = new byte[rows][];
        for (var row = 0; row < rows; row++)
        {
            result[row] = new byte[type.RowBytes(columns)];
            fill(result[row]);
            for (var block = 0; block < columns / type.BlockLength(); block++)
            {
                for (var i = 0; i < ScalePlaces.GetValueOrDefault(type, [0]).Length; i++)
                {
                    SetScale(type, result[row], block, i, scale());
                }
            }
        }

        return result;
    }

    private static Half FiniteHalf(Random random)
    {
        var half = BitConverter.UInt16BitsToHalf((ushort)random.Next(65536));
        return Half.IsFinite(half) ? half : FiniteHalf(random);
    }
}
