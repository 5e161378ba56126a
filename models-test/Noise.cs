using System.Runtime.InteropServices;

namespace ManagedSwarm.ModelsTest;

/// <summary>
/// Random numbers that depend on seed, tensor and row only (SplitMix64, Steele et al. 2014), so that rows can be made in any order.
/// Nothing but integers and one product: the bits are the same on every machine.
/// </summary>
internal struct Noise
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private const int Uniforms = 8;

    /// <summary>Mean of the sum of eight numbers from 0 to 65535.</summary>
    private const int MeanSum = Uniforms * 65535 / 2;

    /// <summary>Its standard deviation: 65536 * sqrt(8 / 12).</summary>
    private const float DeviationSum = 53509.92f;

    private ulong _state;

    public Noise(ulong seed, string tensor, long row) => _state = Mix(Mix(seed + Hash(tensor)) + (ulong)row);

    /// <summary>
    /// Nearly normal numbers of mean 0: sums of eight uniform ones, which never leave 4.9 standard deviations.
    /// </summary>
    public void FillNormal(Span<float> destination, float deviation)
    {
        var factor = deviation / DeviationSum;
        foreach (ref var value in destination)
        {
            value = (SumOfFour(Next()) + SumOfFour(Next()) - MeanSum) * factor;
        }
    }

    public void FillBytes(Span<byte> destination)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(destination);
        foreach (ref var word in words)
        {
            word = Next();
        }

        foreach (ref var value in destination[(words.Length * sizeof(ulong))..])
        {
            value = (byte)Next();
        }
    }

    private ulong Next() => Mix(_state += Gamma);

    /// <summary>The sum of the four 16-bit numbers of a word.</summary>
    private static int SumOfFour(ulong word)
    {
        const ulong Low = 0x0000FFFF0000FFFF;
        var pairs = (word & Low) + ((word >> 16) & Low);
        return (int)(uint)pairs + (int)(pairs >> 32);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    /// <summary>FNV-1a.</summary>
    private static ulong Hash(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 0x100000001B3;
        }

        return hash;
    }
}
