namespace ManagedSwarm.Tests.Gguf;

/// <summary>How far numbers are from the exact ones.</summary>
internal static class RelativeError
{
    /// <summary>Root mean square of the error, by the root mean square of the exact numbers.</summary>
    public static double Of(ReadOnlySpan<float> exact, ReadOnlySpan<float> approximate)
    {
        var (error, norm) = (0.0, 0.0);
        for (var i = 0; i < exact.Length; i++)
        {
            error += Math.Pow((double)exact[i] - approximate[i], 2);
            norm += Math.Pow(exact[i], 2);
        }

        return Math.Sqrt(error / norm);
    }
}
