namespace ManagedSwarm.Transport.Membership.Facts;

/// <summary>
/// Memory as Linux counts it: the whole machine's, and then that of this process's cgroup and of each one above it, any of which may have
/// less. Free is the least that is left in one of them.
/// </summary>
internal static class LinuxMemory
{
    /// <param name="readText">The text of a file; null: there is none, or it cannot be read.</param>
    /// <returns>Null: the system says nothing.</returns>
    public static HostMemory? Measure(Func<string, string?> readText)
    {
        if (MemInfo.Parse(readText("/proc/meminfo") ?? "") is not { } memory)
        {
            return null;
        }

        var folders = CgroupFolders.Find(readText("/proc/self/cgroup") ?? "", readText("/proc/self/mountinfo") ?? "");
        foreach (var folder in folders)
        {
            if (CgroupMemory.Measure(folder, readText) is { } limited)
            {
                memory = memory.Within(limited);
            }
        }

        return memory;
    }
}
