namespace ManagedSwarm.Transport.Membership.Facts;

/// <summary>A folder of a cgroup that may limit this process's memory.</summary>
/// <param name="Path">Without a slash at its end.</param>
/// <param name="Version">1 or 2.</param>
internal readonly record struct CgroupFolder(string Path, int Version);
