using System.Runtime.InteropServices;
using ManagedSwarm.Gguf;
using ManagedSwarm.Gguf.Blocks;

namespace ManagedSwarm.ModelsTest;

/// <summary>
/// Random blocks of the types that have no quantizer: random bits, with the scales set so that the elements have the wanted
/// root mean square, and a mean near 0. They are not normal then, but spread over all levels.
/// </summary>
internal static class RandomBlocks
{
    // Root mean square of an element where D is 1, with all bits random and the minimums' scale as set below.
    private const float DeviationFour = 4.610f; // q of 0 to 15
    private const float DeviationFive = 9.233f; // q of 0 to 31
    private const float DeviationQ2K = 13.87f; // s q - 1.5 m; s, m of 0 to 15, q of 0 to 3
    private const float DeviationQ3K = 43.39f; // (s - 32) (q - 4); s of 0 to 63, q of 0 to 7
    private const float DeviationQ5K = 526.2f; // s q - 15.5 m; s, m of 0 to 63, q of 0 to 31
    private const float DeviationLevels = 67.44f; // the levels of IQ4
    private const float DeviationScaledLevels = 1246f; // (s - 32) times these

    /// <summary>Fills a row of <paramref name="type"/>.</summary>
    /// <exception cref="NotSupportedException">It is a type that has a quantizer.</exception>
    public static void Fill(TensorType type, Span<byte> row, Noise noise, float deviation)
    {
        noise.FillBytes(row);
        switch (type)
        {
            case TensorType.Q4_1:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockQ4_1>(row))
                {
                    block.D = (Half)(deviation / DeviationFour);
                    block.M = (Half)(-7.5f * (float)block.D);
                }

                break;
            case TensorType.Q5_0:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockQ5_0>(row))
                {
                    block.D = (Half)(deviation / DeviationFive);
                }

                break;
            case TensorType.Q5_1:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockQ5_1>(row))
                {
                    block.D = (Half)(deviation / DeviationFive);
                    block.M = (Half)(-15.5f * (float)block.D);
                }

                break;
            case TensorType.Q2_K:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockQ2_K>(row))
                {
                    block.D = (Half)(deviation / DeviationQ2K);
                    block.DMin = (Half)(1.5f * (float)block.D);
                }

                break;
            case TensorType.Q3_K:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockQ3_K>(row))
                {
                    block.D = (Half)(deviation / DeviationQ3K);
                }

                break;
            case TensorType.Q5_K:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockQ5_K>(row))
                {
                    block.D = (Half)(deviation / DeviationQ5K);
                    block.DMin = (Half)(15.5f * (float)block.D);
                }

                break;
            case TensorType.IQ4_NL:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockIQ4_NL>(row))
                {
                    block.D = (Half)(deviation / DeviationLevels);
                }

                break;
            case TensorType.IQ4_XS:
                foreach (ref var block in MemoryMarshal.Cast<byte, BlockIQ4_XS>(row))
                {
                    block.D = (Half)(deviation / DeviationScaledLevels);
                }

                break;
            default:
                throw new NotSupportedException($"{type} has a quantizer");
        }
    }
}
