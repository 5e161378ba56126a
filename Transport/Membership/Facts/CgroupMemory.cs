using System.Globalization;

namespace ManagedSwarm.Transport.Membership.Facts;

/// <summary>
/// What one cgroup allows and how much of it is left
/// (<see href="https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files">version 2</see>,
/// <see href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html">version 1</see>). Pages of files that nobody has used lately are
/// counted as used by it, but the kernel takes them back before it refuses anything: they are free.
/// </summary>
internal static class CgroupMemory
{
    /// <param name="folder">Which.</param>
    /// <param name="readText">The text of a file; null: there is none, or it cannot be read.</param>
    /// <returns>Null: it has no limit.</returns>
    public static HostMemory? Measure(CgroupFolder folder, Func<string, string?> readText)
    {
        var (limits, usage, reclaimable) = folder.Version == 2
            ? (new[] { "memory.max", "memory.high" }, "memory.current", new[] { "inactive_file" })
            : (["memory.limit_in_bytes"], "memory.usage_in_bytes", ["total_inactive_file", "inactive_file"]);
        var found = limits.Select(name => ParseNumber(readText($"{folder.Path}/{name}"))).OfType<long>().ToArray();
        if (found.Length == 0)
        {
            return null;
        }

        var limit = found.Min();
        var used = ParseNumber(readText($"{folder.Path}/{usage}")) ?? 0;
        var cached = FindStatistic(readText($"{folder.Path}/memory.stat") ?? "", reclaimable);
        return new(limit, Math.Clamp(limit - Math.Max(0, used - cached), 0, limit));
    }

    /// <summary>A number in a file of its own; null: <c>max</c>, or none.</summary>
    internal static long? ParseNumber(string? text) =>
        long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A number of <c>memory.stat</c>, lines of <c>inactive_file 20480</c>: the first of the names that is there; 0: none is.</summary>
    internal static long FindStatistic(string text, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            foreach (var line in text.AsSpan().EnumerateLines())
            {
                if (line.StartsWith(name, StringComparison.Ordinal)
                    && line[name.Length..] is [' ', .. var value]
                    && long.TryParse(value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return number;
                }
            }
        }

        return 0;
    }
}
