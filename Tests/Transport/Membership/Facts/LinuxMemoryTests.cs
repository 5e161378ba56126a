using ManagedSwarm.Transport.Membership.Facts;

namespace ManagedSwarm.Tests.Transport.Membership.Facts;

public sealed class LinuxMemoryTests
{
    private const long MiB = 1 << 20;

    private const string MemInfoText =
        """
        MemTotal:       16777216 kB
        MemFree:         1048576 kB
        MemAvailable:    8388608 kB
        Buffers:           14744 kB
        Cached:          1067908 kB
        SwapCached:            0 kB
        """;

    // As of a machine with systemd: version 2 only.
    private const string UnifiedMounts =
        """
        24 30 0:22 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
        35 24 0:30 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
        """;

    // Version 1 with version 2 beside it, which has no controllers.
    private const string HybridMounts =
        """
        31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
        33 31 0:30 / /sys/fs/cgroup/cpuacct rw,relatime - cgroup cgroup rw,cpuacct
        35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    private readonly Dictionary<string, string> _files = new() { ["/proc/meminfo"] = MemInfoText };

    [Fact]
    public void Without_a_cgroup_it_is_the_machines() => AssertMemory(16384, 8192);

    [Fact]
    public void Without_anything_nobody_knows()
    {
        _files.Clear();
        Assert.Null(LinuxMemory.Measure(_files.GetValueOrDefault));
    }

    [Fact]
    public void A_limit_of_version_2_counts_and_files_that_are_cached_are_free()
    {
        Unified("/user.slice/app.scope");
        Version2("/sys/fs/cgroup/user.slice/app.scope", "4294967296\n", usedMiB: 3072, cachedMiB: 1024);
        AssertMemory(4096, 4096 - 3072 + 1024);
    }

    [Fact]
    public void The_least_of_the_cgroup_and_all_above_it_counts()
    {
        Unified("/a/b/c");
        Version2("/sys/fs/cgroup/a/b/c", "max\n", usedMiB: 10, cachedMiB: 0);
        Version2("/sys/fs/cgroup/a/b", $"{2048 * MiB}\n", usedMiB: 100, cachedMiB: 0);
        Version2("/sys/fs/cgroup/a", $"{3072 * MiB}\n", usedMiB: 2900, cachedMiB: 28);
        AssertMemory(2048, 200);
    }

    [Fact]
    public void A_cgroup_with_no_limit_limits_nothing()
    {
        Unified("/a");
        Version2("/sys/fs/cgroup/a", "max\n", usedMiB: 100, cachedMiB: 0);
        AssertMemory(16384, 8192);
    }

    [Fact]
    public void Where_the_kernel_slows_a_process_down_is_a_limit_too()
    {
        Unified("/a");
        Version2("/sys/fs/cgroup/a", $"{2048 * MiB}\n", usedMiB: 100, cachedMiB: 0);
        _files["/sys/fs/cgroup/a/memory.high"] = $"{1024 * MiB}\n";
        AssertMemory(1024, 924);
    }

    [Fact]
    public void In_a_container_with_its_own_namespace_the_top_is_the_containers()
    {
        Unified("/");
        Version2("/sys/fs/cgroup", $"{512 * MiB}\n", usedMiB: 112, cachedMiB: 0);
        AssertMemory(512, 400);
    }

    [Theory]
    [InlineData("/docker/1234")]
    [InlineData("/docker/1234/inner")]
    [InlineData("/../other")]
    [InlineData("/elsewhere")]
    [InlineData("/docker/12345")]
    public void In_a_container_that_sees_only_its_part_that_part_counts(string path)
    {
        _files["/proc/self/cgroup"] = $"4:memory:{path}\n";
        _files["/proc/self/mountinfo"] = "35 31 0:32 /docker/1234 /sys/fs/cgroup/memory ro shared:1 master:2 - cgroup cgroup rw,memory\n";
        Version1("/sys/fs/cgroup/memory", $"{512 * MiB}\n", usedMiB: 112, cachedMiB: 12);
        AssertMemory(512, 412);
    }

    [Fact]
    public void Limits_of_version_1_count_on_all_levels()
    {
        _files["/proc/self/cgroup"] = "9:name=systemd:/\n4:memory:/pod:1/container\n3:cpuset:/\n0::/\n";
        _files["/proc/self/mountinfo"] = HybridMounts;
        Version1("/sys/fs/cgroup/memory/pod:1/container", "9223372036854771712\n", usedMiB: 700, cachedMiB: 600);
        Version1("/sys/fs/cgroup/memory/pod:1", $"{1024 * MiB}\n", usedMiB: 800, cachedMiB: 600);
        Version1("/sys/fs/cgroup/memory", "9223372036854771712\n", usedMiB: 4000, cachedMiB: 0);
        AssertMemory(1024, 824);
    }

    [Fact]
    public void Version_1_may_share_a_hierarchy_among_controllers()
    {
        _files["/proc/self/cgroup"] = "4:cpu,memory:/a\n";
        _files["/proc/self/mountinfo"] = @"35 31 0:32 / /sys/fs/c\040group rw - cgroup cgroup rw,cpu,memory" + "\n";
        Version1("/sys/fs/c group/a", $"{1024 * MiB}\n", usedMiB: 24, cachedMiB: 0);
        AssertMemory(1024, 1000);
    }

    [Fact]
    public void A_cgroup_that_uses_more_than_it_may_has_nothing_free()
    {
        Unified("/a");
        Version2("/sys/fs/cgroup/a", $"{100 * MiB}\n", usedMiB: 101, cachedMiB: 0);
        AssertMemory(100, 0);
    }

    [Fact]
    public void Files_of_a_cgroup_that_cannot_be_read_limit_nothing_more()
    {
        Unified("/a");
        _files["/sys/fs/cgroup/a/memory.max"] = $"{100 * MiB}\n";
        AssertMemory(100, 100);
        _files["/sys/fs/cgroup/a/memory.max"] = "what\n";
        AssertMemory(16384, 8192);
    }

    [Fact]
    public void A_kernel_that_does_not_estimate_has_free_memory_and_caches()
    {
        Assert.Equal(
            new HostMemory(4096L << 10, 1600L << 10),
            MemInfo.Parse("MemTotal: 4096 kB\nMemFree: 1000 kB\nBuffers: 100 kB\nCached: 500 kB\nSwapCached: 9 kB\n"));
        Assert.Null(MemInfo.Parse("MemTotal: many kB\nMemFree: 1000 kB\n"));
        Assert.Null(MemInfo.Parse(""));
    }

    [Fact]
    public void This_machine_has_memory_and_some_of_it_is_free()
    {
        var memory = HostMemory.Measure();
        Assert.InRange(memory.Free, 1, memory.Total);
        Assert.InRange(HostMemory.OfRuntime().Free, 0, HostMemory.OfRuntime().Total);
    }

    private void Unified(string path)
    {
        _files["/proc/self/cgroup"] = $"0::{path}\n";
        _files["/proc/self/mountinfo"] = UnifiedMounts;
    }

    private void Version2(string folder, string max, long usedMiB, long cachedMiB)
    {
        _files[$"{folder}/memory.max"] = max;
        _files[$"{folder}/memory.high"] = "max\n";
        _files[$"{folder}/memory.current"] = $"{usedMiB * MiB}\n";
        _files[$"{folder}/memory.stat"] = $"anon 1\ninactive_anon 7\nactive_file 9\ninactive_file {cachedMiB * MiB}\n";
    }

    private void Version1(string folder, string limit, long usedMiB, long cachedMiB)
    {
        _files[$"{folder}/memory.limit_in_bytes"] = limit;
        _files[$"{folder}/memory.usage_in_bytes"] = $"{usedMiB * MiB}\n";
        _files[$"{folder}/memory.stat"] = $"inactive_file 5\nactive_file 9\ntotal_inactive_file {cachedMiB * MiB}\n";
    }

    private void AssertMemory(long totalMiB, long freeMiB) =>
        Assert.Equal(new HostMemory(totalMiB * MiB, freeMiB * MiB), LinuxMemory.Measure(_files.GetValueOrDefault));
}
