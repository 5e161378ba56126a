using System.Buffers.Binary;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.ModelsTest;

/// <summary>
/// Random blocks of the types that have no quantizer: random bits, with the scales set so that the elements have the wanted
/// root mean square, and a mean near 0. They are not normal then, but spread over all levels.
/// </summary>
internal static class RandomBlocks
{
    private static readonly Dictionary<TensorType, Scales> Layouts = new()
    {
        [TensorType.Q4_1] = new(0, 4.610f, 2, -7.5f), // q - 7.5; q of 0 to 15
        [TensorType.Q5_0] = new(0, 9.247f), // q - 16; q of 0 to 31
        [TensorType.Q5_1] = new(0, 9.233f, 2, -15.5f), // q - 15.5
        [TensorType.Q2_K] = new(80, 13.87f, 82, 1.5f), // s q - 1.5 m; s, m of 0 to 15, q of 0 to 3
        [TensorType.Q3_K] = new(108, 43.39f), // (s - 32) (q - 4); s of 0 to 63, q of 0 to 7
        [TensorType.Q5_K] = new(0, 526.2f, 2, 15.5f), // s q - 15.5 m; s, m of 0 to 63, q of 0 to 31
        [TensorType.IQ4_NL] = new(0, 67.44f), // the levels
        [TensorType.IQ4_XS] = new(0, 1246f), // (s - 32) times the levels
    };

    /// <summary>Fills a row of <paramref name="type"/>.</summary>
    /// <param name="magnitude">The wanted root mean square.</param>
    /// <exception cref="NotSupportedException">It is a type that has a quantizer.</exception>
    public static void Fill(TensorType type, Span<byte> row, Noise noise, float magnitude)
    {
        if (!Layouts.TryGetValue(type, out var scales))
        {
            throw new NotSupportedException($"{type} has a quantizer");
        }

        noise.FillBytes(row);
        var d = (Half)(magnitude / scales.UnitMagnitude);
        for (var block = row; block.Length > 0; block = block[type.BlockBytes()..])
        {
            BinaryPrimitives.WriteHalfLittleEndian(block[scales.D..], d);
            if (scales.Minimum is { } minimum)
            {
                BinaryPrimitives.WriteHalfLittleEndian(block[minimum..], (Half)(scales.MinimumByD * (float)d));
            }
        }
    }

    /// <summary>Where a block has its scales, in bytes, and what they do.</summary>
    /// <param name="D">The place of the scale.</param>
    /// <param name="UnitMagnitude">Root mean square of an element where the scale is 1 and all bits are random.</param>
    /// <param name="Minimum">The place of the minimum, or of its scale.</param>
    /// <param name="MinimumByD">What it must be, by the scale, so that the mean is 0.</param>
    private readonly record struct Scales(int D, float UnitMagnitude, int? Minimum = null, float MinimumByD = 0);
}
