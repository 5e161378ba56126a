using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Discovery;

public sealed class PeerCacheTests : IDisposable
{
    private const int Unusable = 3070;
    private const int NotWritten = 3071;

    private static readonly SwarmKeys Keys = new(SwarmToken.Parse(TestTokens.Plain));

    private readonly TemporaryFolder _folder = new();
    private readonly TestLog _log = new();

    private string Path => _folder.File("cache/peers");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Remembers_members_over_restarts_the_last_seen_first()
    {
        var (a, b) = (NewId(), NewId());
        var cache = Open();
        cache.Remember(a, Address(1).WithPeerId(a), Address(2));
        cache.Remember(b, Address(3));
        cache.Remember(a, Address(2));
        cache.Save();

        var peers = Open().Peers;
        Assert.Equal([a, b], peers.Select(peer => peer.Id));
        Assert.Equal([Address(2), Address(1)], peers[0].Addresses);
        Assert.Equal([Address(3)], peers[1].Addresses);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Forgets_who_has_left()
    {
        var (a, cache) = (NewId(), Open());
        cache.Remember(a, Address(1));
        cache.Save();
        cache.Forget(a);
        cache.Save();
        Assert.Empty(Open().Peers);
    }

    [Fact]
    public void Keeps_no_address_that_cannot_be_dialed_or_is_somebody_elses()
    {
        var cache = Open();
        cache.Remember(NewId(), Multiaddress.Parse("/ip4/192.0.2.1/udp/1/quic-v1"), Address(0), Address(1).WithPeerId(NewId()));
        Assert.Empty(cache.Peers);
    }

    [Fact]
    public void Is_bounded()
    {
        var cache = Open();
        for (var i = 0; i < 300; i++)
        {
            cache.Remember(NewId(), [.. Enumerable.Range(1, 20).Select(port => Address(port))]);
        }

        cache.Save();
        var peers = Open().Peers;
        Assert.Equal(256, peers.Count);
        Assert.Equal(cache.Peers.Select(peer => peer.Id), peers.Select(peer => peer.Id));
        Assert.All(peers, peer => Assert.Equal(8, peer.Addresses.Count));
    }

    [Fact]
    public void Names_as_long_as_they_can_be_fit_into_the_file()
    {
        var cache = Open();
        var label = new string('a', 60);
        for (var i = 0; i < 256; i++)
        {
            cache.Remember(NewId(), [.. Enumerable.Range(1, 8).Select(port => Multiaddress.Parse($"/dns4/{label}.{label}.{label}.{label}/tcp/{port}"))]);
        }

        cache.Save();
        Assert.InRange(new FileInfo(Path).Length, 1, 512 << 10);
        Assert.NotEmpty(Open().Peers);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Nobody_without_the_token_reads_it_nor_with_another()
    {
        var cache = Open();
        var peer = NewId();
        cache.Remember(peer, Address(1));
        cache.Save();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }

        Assert.Equal(-1, File.ReadAllBytes(Path).AsSpan().IndexOf(peer.Bytes.Span));
        Assert.Empty(new PeerCache(Path, new SwarmKeys(SwarmToken.Generate()), _log).Peers);
        Assert.Equal(Unusable, Assert.Single(_log.Lines).Id);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("cut off")]
    [InlineData("a bit is wrong")]
    [InlineData("a later version")]
    [InlineData("huge")]
    [InlineData("a folder")]
    public void What_is_damaged_is_as_good_as_none_and_told_once(string what)
    {
        var cache = Open();
        cache.Remember(NewId(), Address(1));
        cache.Save();
        var bytes = File.ReadAllBytes(Path);
        File.Delete(Path);
        if (what == "a folder")
        {
            Directory.CreateDirectory(Path);
        }
        else
        {
            File.WriteAllBytes(Path, what switch
            {
                "empty" => [],
                "cut off" => bytes[..^1],
                "a bit is wrong" => [.. bytes[..40], (byte)(bytes[40] ^ 1), .. bytes[41..]],
                "a later version" => [.. bytes[..7], 2, .. bytes[8..]],
                _ => new byte[(512 << 10) + 1],
            });
        }

        cache = Open();
        Assert.Empty(cache.Peers);
        Assert.Equal(Unusable, Assert.Single(_log.Lines).Id);
        if (what != "a folder")
        {
            cache.Remember(NewId(), Address(1));
            cache.Save();
            Assert.Single(Open().Peers);
        }
    }

    [Fact]
    public void What_cannot_be_written_is_told_and_leaves_nothing_behind()
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(System.IO.Path.Combine(Path, "file"), "");
        var cache = Open();
        _log.Lines.Clear();
        cache.Remember(NewId(), Address(1));
        cache.Save();
        Assert.Equal(NotWritten, Assert.Single(_log.Lines).Id);
        Assert.Equal([Path], Directory.GetFileSystemEntries(System.IO.Path.GetDirectoryName(Path)!));
    }

    [Fact]
    public void Any_message_is_read_or_refused()
    {
        byte[][] originals = [.. Enumerable.Range(1, 4).Select(count => PeerCacheFormat.WritePeers([.. Enumerable.Range(1, count)
            .Select(i => new CachedPeer(NewId(), [Address(i), Multiaddress.Parse("/dns4/example.org/tcp/1")]))]))];
        Fuzz.Run(31, mutation =>
        {
            var peers = PeerCacheFormat.ReadPeers(mutation.Of(mutation.Pick(originals)));
            Assert.All(peers, peer => Assert.InRange(peer.Addresses.Count, 1, 8));
            return true;
        });
    }

    [Fact]
    public async Task The_discovery_names_all_and_saves_what_is_new()
    {
        var time = new FakeTimeProvider();
        var (a, b, cache) = (NewId(), NewId(), Open());
        cache.Remember(a, Address(1));
        await using (var discovery = new TestDiscovery(new CacheDiscovery(cache, time)))
        {
            var found = Assert.Single(discovery.Found);
            Assert.Equal(("cache", a), (found.Source, found.Id));
            cache.Remember(b, Address(2));
            Assert.Empty(Open().Peers);
            time.Advance(CacheDiscovery.SavePause);
            Assert.Equal(2, Open().Peers.Count);
            cache.Forget(a);
        }

        Assert.Equal(b, Assert.Single(Open().Peers).Id);
    }

    private static PeerId NewId()
    {
        using var identity = Identity.Generate();
        return identity.PeerId;
    }

    private static Multiaddress Address(int port) => Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}");

    private PeerCache Open() => new(Path, Keys, _log);
}
