using System.Globalization;

namespace ManagedSwarm.Transport.Membership.Facts;

/// <summary>
/// Reads <c>/proc/meminfo</c>: lines of <c>MemAvailable:   24065356 kB</c>
/// (<see href="https://www.kernel.org/doc/html/latest/filesystems/proc.html#meminfo">proc, meminfo</see>).
/// </summary>
internal static class MemInfo
{
    /// <returns>Null: there is no total.</returns>
    public static HostMemory? Parse(string text)
    {
        if (Find(text, "MemTotal") is not { } total)
        {
            return null;
        }

        // Kernels before 3.14 have no estimate of their own.
        var available = Find(text, "MemAvailable")
            ?? (Find(text, "MemFree") ?? 0) + (Find(text, "Buffers") ?? 0) + (Find(text, "Cached") ?? 0);
        return new(total, Math.Clamp(available, 0, total));
    }

    private static long? Find(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal)
                && line[name.Length..] is [':', .. var value]
                && value.Trim() is var words
                && words.EndsWith(" kB", StringComparison.Ordinal)
                && long.TryParse(words[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)
                && kibibytes <= long.MaxValue >> 10)
            {
                return kibibytes << 10;
            }
        }

        return null;
    }
}
