using System.Diagnostics;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Discovery;

public sealed class RegistryDiscoveryTests : IDisposable
{
    private const int Unusable = 3072;
    private const int NotWatched = 3073;
    private const int UsedTwice = 3074;
    private const string Network = "0123456789abcdef";

    private readonly TemporaryFolder _folder = new();
    private readonly TestLog _log = new();

    // Nobody sets it forward where the system watches: nothing here is seen because somebody looks again and again.
    private readonly FakeTimeProvider _time = new();

    private string Registry => _folder.File("registry");

    private string NetworkFolder => Path.Combine(Registry, Network);

    private static UnixFileMode OwnerOnly => UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nodes_see_each_other_as_soon_as_the_system_tells()
    {
        var (a, b) = (NewId(), NewId());
        await using var first = new TestDiscovery(Create(a, "/ip4/192.0.2.1/tcp/1", "/ip4/127.0.0.1/tcp/1"));
        await using var second = new TestDiscovery(Create(b, "/ip4/127.0.0.1/tcp/2"));
        await UntilAsync(() => !first.Found.IsEmpty && !second.Found.IsEmpty);

        Assert.All(first.Found, peer => Assert.Equal(("registry", b), (peer.Source, peer.Id)));
        Assert.True(second.Found.TryPeek(out var found));
        Assert.Equal(a, found.Id);
        Assert.Equal(["/ip4/127.0.0.1/tcp/1", "/ip4/192.0.2.1/tcp/1"], found.Addresses.Select(address => address.ToString()));
    }

    [Fact]
    public async Task Other_networks_are_not_seen()
    {
        await using var first = new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/1"));
        var other = new RegistryDiscovery(Registry, "fedcba9876543210", NewId(), () => [Multiaddress.Parse("/ip4/127.0.0.1/tcp/2")], _time, _log);
        await using var second = new TestDiscovery(other);
        _time.Advance(RegistryDiscovery.Poll);
        Assert.Empty(first.Found);
        Assert.Empty(second.Found);
    }

    [Fact]
    public async Task What_it_says_is_gone_with_it()
    {
        await using (new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/1")))
        {
            Assert.Single(Directory.GetFiles(NetworkFolder));
        }

        Assert.Empty(Directory.GetFileSystemEntries(NetworkFolder));
        Assert.DoesNotContain(_log.Lines, line => line.Id != NotWatched);
    }

    [Fact]
    public async Task New_addresses_take_the_place_of_the_old_ones()
    {
        var addresses = new List<Multiaddress> { Multiaddress.Parse("/ip4/127.0.0.1/tcp/1") };
        var discovery = new RegistryDiscovery(Registry, Network, NewId(), () => [.. addresses], _time, _log);
        await using var node = new TestDiscovery(discovery);
        await using var other = new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/9"));
        addresses[0] = Multiaddress.Parse("/ip4/127.0.0.1/tcp/2");
        discovery.Refresh();
        await UntilAsync(() => other.Found.Any(found => found.Addresses[0] == addresses[0]));

        // The old one goes when the new one is there.
        await TestPeer.UntilAsync(() => Directory.GetFiles(NetworkFolder, "*.peer").Length == 2);

        // A cleaner of temporary folders may come by.
        Array.ForEach(Directory.GetFiles(NetworkFolder), File.Delete);
        other.Found.Clear();
        await TestPeer.UntilAsync(() =>
        {
            // It may have looked between the two.
            _time.Advance(TimeSpan.FromSeconds(1));
            return other.Found.Any(found => found.Addresses[0] == addresses[0]);
        });
    }

    [Fact]
    public async Task What_the_system_tells_behind_the_end_does_no_harm()
    {
        var discovery = Create(NewId(), "/ip4/127.0.0.1/tcp/1");
        await new TestDiscovery(discovery).DisposeAsync();
        discovery.Refresh();
    }

    [Fact]
    public async Task A_dead_process_leaves_nothing()
    {
        Directory.CreateDirectory(NetworkFolder);
        var dead = Path.Combine(NetworkFolder, "dead.peer");
        await File.WriteAllBytesAsync(
            dead, new RegistryEntry(NewId(), [Multiaddress.Parse("/ip4/127.0.0.1/tcp/1")]).ToBytes(), TestContext.Current.CancellationToken);
        await using var node = new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/2"));
        Assert.False(File.Exists(dead));
        Assert.Empty(node.Found);
    }

    [Fact]
    public async Task Damaged_files_are_passed_over()
    {
        await using var node = new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/2"));
        foreach (var (bytes, i) in new byte[][] { [], [0xFF], new byte[100_000] }.Select((bytes, i) => (bytes, i)))
        {
            var path = Path.Combine(NetworkFolder, $"bad{i}.peer");

            // Under its name only when it is locked, as real ones are: without a lock it would be a dead process's.
            var draft = Path.Combine(NetworkFolder, $".bad{i}");
            using var file = new FileStream(draft, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            await file.WriteAsync(bytes, TestContext.Current.CancellationToken);
            await file.FlushAsync(TestContext.Current.CancellationToken);
            File.Move(draft, path);
            await TestPeer.UntilAsync(() =>
            {
                // Where the system does not watch, the folder is looked into now and then.
                _time.Advance(TimeSpan.FromSeconds(1));
                return _log.Lines.Any(line => line.Text.Contains(path, StringComparison.Ordinal));
            });
        }

        Assert.Empty(node.Found);
        Assert.False(node.Running.IsCompleted);
    }

    [Fact]
    public async Task Two_processes_of_one_identity_are_told_once()
    {
        var id = NewId();
        await using var first = new TestDiscovery(Create(id, "/ip4/127.0.0.1/tcp/1"));
        await using var second = new TestDiscovery(Create(id, "/ip4/127.0.0.1/tcp/2"));
        await UntilAsync(() => _log.Of(UsedTwice).Count >= 2);
        Assert.Equal([UsedTwice, UsedTwice], _log.Lines.Select(line => line.Id).Where(id => id != NotWatched));
        Assert.Empty(first.Found);
    }

    [Theory]
    [InlineData("", "group can write")]
    [InlineData(Network, "others can write")]
    [InlineData("", "link")]
    [InlineData(Network, "link")]
    [InlineData(Network, "another user's")]
    [InlineData("", "a file")]
    public async Task A_folder_that_others_could_fill_is_refused(string which, string how)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights");
            return;
        }

        Assert.SkipWhen(how == "another user's" && Environment.UserName != "root", "only root can give a folder away");
        var path = Path.Combine(Registry, which);
        Directory.CreateDirectory(Registry, OwnerOnly);
        switch (how)
        {
            case "link":
                Directory.CreateDirectory(_folder.File("elsewhere"), OwnerOnly);
                Remove(path);
                Directory.CreateSymbolicLink(path, _folder.File("elsewhere"));
                break;
            case "another user's":
                Directory.CreateDirectory(path, OwnerOnly);
                using (var change = Process.Start("chown", ["12345", path]))
                {
                    await change.WaitForExitAsync(TestContext.Current.CancellationToken);
                }

                break;
            case "a file":
                Remove(path);
                await File.WriteAllTextAsync(path, "", TestContext.Current.CancellationToken);
                break;
            default:
                Directory.CreateDirectory(path);
                File.SetUnixFileMode(path, OwnerOnly | (how[0] == 'g' ? UnixFileMode.GroupWrite : UnixFileMode.OtherWrite));
                break;
        }

        await using var node = new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/2"));
        await node.Running;
        var line = Assert.Single(_log.Lines);
        Assert.Equal(Unusable, line.Id);
        Assert.Contains(how == "a file" ? "registry_failed" : "unsafe_folder", line.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folders_are_closed_to_others()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has other rights");
            return;
        }

        Directory.CreateDirectory(NetworkFolder);
        File.SetUnixFileMode(NetworkFolder, OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        await using var node = new TestDiscovery(Create(NewId(), "/ip4/127.0.0.1/tcp/2"));
        Assert.Equal(OwnerOnly, File.GetUnixFileMode(NetworkFolder));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(NetworkFolder))));
    }

    [Fact]
    public void Its_place_is_the_runtime_folder_or_the_temporary_one()
    {
        Assert.Equal(_folder.File("managedswarm"), RegistryFolder.DefaultPath(name => name == "XDG_RUNTIME_DIR" ? _folder.Path : null));
        foreach (var useless in new[] { null, "", "relative", "/does/not/exist" })
        {
            Assert.StartsWith(Path.GetTempPath(), RegistryFolder.DefaultPath(_ => useless), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_file_is_read_or_refused()
    {
        byte[][] originals =
        [
            .. Enumerable.Range(0, 4).Select(count =>
                new RegistryEntry(NewId(), [.. Enumerable.Range(1, count).Select(i => Multiaddress.Parse($"/ip4/127.0.0.1/tcp/{i}"))]).ToBytes()),
        ];
        Fuzz.Run(32, mutation =>
        {
            Assert.InRange(RegistryEntry.Parse(mutation.Of(mutation.Pick(originals))).Addresses.Count, 0, 16);
            return true;
        });
    }

    /// <summary>Waits for what the system tells; it may not watch, as it has few watchers for all programs.</summary>
    private Task UntilAsync(Func<bool> condition) => TestPeer.UntilAsync(() =>
    {
        if (_log.Of(NotWatched).Count > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return condition();
    });

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path);
        }
    }

    private static PeerId NewId()
    {
        using var identity = Identity.Generate();
        return identity.PeerId;
    }

    private RegistryDiscovery Create(PeerId id, params string[] addresses) =>
        new(Registry, Network, id, () => [.. addresses.Select(Multiaddress.Parse)], _time, _log);
}
