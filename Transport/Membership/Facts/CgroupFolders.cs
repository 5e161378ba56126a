using System.Globalization;
using System.Text.RegularExpressions;

namespace ManagedSwarm.Transport.Membership.Facts;

/// <summary>
/// Finds the folders of this process's cgroup and of all above it. <c>/proc/self/cgroup</c> names the cgroup in each hierarchy
/// (<c>4:memory:/a/b</c>; version 2: <c>0::/a/b</c>), and <c>/proc/self/mountinfo</c> where each hierarchy, or a part of it, is mounted
/// (<see href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</see>,
/// <see href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</see>).
/// </summary>
internal static partial class CgroupFolders
{
    private const int RootField = 3;
    private const int MountPointField = 4;

    /// <param name="cgroup">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="mountInfo">The text of <c>/proc/self/mountinfo</c>.</param>
    /// <returns>Of each hierarchy that can limit memory, the process's own folder first and then those above it.</returns>
    public static IReadOnlyList<CgroupFolder> Find(string cgroup, string mountInfo)
    {
        var folders = new List<CgroupFolder>();
        foreach (var line in mountInfo.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ');
            if (VersionOf(fields) is { } version && PathIn(cgroup, version) is { } path)
            {
                AddAll(folders, version, Unescape(fields[RootField]), Unescape(fields[MountPointField]), path);
            }
        }

        return [.. folders.Distinct()];
    }

    /// <summary>
    /// <c>36 35 0:32 ROOT MOUNTPOINT OPTIONS [OPTIONAL...] - TYPE SOURCE SUPEROPTIONS</c>: the version, if this is a hierarchy that can
    /// limit memory.
    /// </summary>
    private static int? VersionOf(string[] fields)
    {
        var separator = Array.IndexOf(fields, "-");
        return separator <= MountPointField || fields.Length < separator + 4 ? null : fields[separator + 1] switch
        {
            "cgroup2" => 2,
            "cgroup" when fields[separator + 3].Split(',').Contains("memory") => 1,
            _ => null,
        };
    }

    private static string? PathIn(string cgroup, int version)
    {
        foreach (var line in cgroup.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // A cgroup's name may have colons.
            if (line.Split(':', 3) is [var hierarchy, var controllers, var path]
                && (version == 2 ? hierarchy == "0" && controllers == "" : controllers.Split(',').Contains("memory")))
            {
                return path;
            }
        }

        return null;
    }

    private static void AddAll(List<CgroupFolder> folders, int version, string root, string mountPoint, string path)
    {
        var top = mountPoint.TrimEnd('/');
        var folder = top + Below(root.TrimEnd('/'), path.TrimEnd('/'));
        while (folder.Length > top.Length)
        {
            folders.Add(new(folder, version));
            folder = folder[..folder.LastIndexOf('/')];
        }

        folders.Add(new(top, version));
    }

    /// <summary>
    /// The path below what is mounted. In a container the two need not fit each other: where the mounted part is the container's own, and
    /// the path one of the machine, or one with <c>/../</c> that leads out of the container, the top of what is mounted is what there is.
    /// </summary>
    private static string Below(string root, string path)
    {
        if (path.Split('/').Contains("..") || !path.StartsWith(root, StringComparison.Ordinal))
        {
            return "";
        }

        return path[root.Length..] is "" or ['/', ..] ? path[root.Length..] : "";
    }

    /// <summary>Spaces and the like are written as <c>\040</c>.</summary>
    private static string Unescape(string field) =>
        Octal().Replace(field, match => ((char)Convert.ToInt32(match.Groups[1].Value, 8)).ToString(CultureInfo.InvariantCulture));

    [GeneratedRegex(@"\\([0-3][0-7]{2})")]
    private static partial Regex Octal();
}
