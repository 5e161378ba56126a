namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What others say, made fit to be shown.</summary>
internal static class DoctorText
{
    private const int MaxChars = 256;

    /// <summary>A text without control characters, and not too long: it goes to a terminal.</summary>
    public static string Clean(string text) =>
        string.Concat(text.Take(MaxChars).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    /// <summary>A number that fits; a larger one is as good as the largest.</summary>
    public static int Number(ulong value) => (int)Math.Min(value, int.MaxValue);
}
