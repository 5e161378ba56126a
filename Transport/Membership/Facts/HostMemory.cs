namespace ManagedSwarm.Transport.Membership.Facts;

/// <summary>The main memory that this process may use.</summary>
/// <remarks>
/// Its processors need nothing of the kind: <see cref="Environment.ProcessorCount"/> is what the affinity mask and the CPU limit of the
/// cgroup (rounded up) allow, as the runtime found them at the start.
/// </remarks>
/// <param name="Total">Bytes that it may use at most: the machine's, or less where a cgroup has a limit.</param>
/// <param name="Free">Bytes that it could take now without swapping: what only caches files counts as free.</param>
public readonly record struct HostMemory(long Total, long Free)
{
    /// <summary>Measures now. On Linux that reads a few small files; elsewhere it is as of the runtime's last garbage collection.</summary>
    public static HostMemory Measure() =>
        (OperatingSystem.IsLinux() ? LinuxMemory.Measure(ReadText) : null) ?? OfRuntime();

    /// <summary>The less of both, one by one.</summary>
    internal HostMemory Within(HostMemory other) => new(Math.Min(Total, other.Total), Math.Min(Free, other.Free));

    /// <summary>What the runtime knows, on every system: job objects of Windows and cgroups' limits, too, but less often measured.</summary>
    internal static HostMemory OfRuntime()
    {
        var memory = GC.GetGCMemoryInfo();
        return new(memory.TotalAvailableMemoryBytes, Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes));
    }

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
