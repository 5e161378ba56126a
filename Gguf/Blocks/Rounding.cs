namespace ManagedSwarm.Gguf.Blocks;

/// <summary>What the quantizers share.</summary>
internal static class Rounding
{
    /// <summary>The first element of the largest magnitude, with its sign; 0 where there is none but zeros.</summary>
    public static float LargestMagnitude(ReadOnlySpan<float> values)
    {
        var (largest, magnitude) = (0f, 0f);
        foreach (var value in values)
        {
            if (MathF.Abs(value) > magnitude)
            {
                (largest, magnitude) = (value, MathF.Abs(value));
            }
        }

        return largest;
    }

    /// <summary>The nearest whole number, ties away from zero (C's <c>roundf</c>).</summary>
    public static int AwayFromZero(float value) => (int)MathF.Round(value, MidpointRounding.AwayFromZero);

    /// <summary>The nearest whole number, ties to even.</summary>
    public static int ToEven(float value) => (int)MathF.Round(value);
}
