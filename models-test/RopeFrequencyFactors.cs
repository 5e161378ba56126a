namespace ManagedSwarm.ModelsTest;

/// <summary>The factors of Llama 3.1, as llama.cpp's converter writes them: 1 for short waves, 8 for long ones, blended between.</summary>
internal static class RopeFrequencyFactors
{
    private const float Factor = 8;
    private const float LowFrequency = 1;
    private const float HighFrequency = 4;
    private const float OriginalContext = 8192;

    public static float[] Create(ModelShape shape)
    {
        var factors = new float[shape.HeadSize / 2];
        for (var i = 0; i < factors.Length; i++)
        {
            var waveLength = 2 * MathF.PI * MathF.Pow(shape.RopeBase, 2f * i / shape.HeadSize);
            var blend = ((OriginalContext / waveLength) - LowFrequency) / (HighFrequency - LowFrequency);
            factors[i] = 1 / float.Lerp(1 / Factor, 1, Math.Clamp(blend, 0, 1));
        }

        return factors;
    }
}
