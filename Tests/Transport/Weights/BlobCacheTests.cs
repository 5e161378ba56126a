using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p.Yamux;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class BlobCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTime _time = new();

    public BlobCacheTests() => _time.Advance(TimeSpan.FromDays(700_000));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_blob_is_there_when_it_is_complete()
    {
        var cache = Cache();
        using (var draft = cache.TryBegin(Id(1), 4)!)
        {
            draft.Write(0, [1, 2, 3, 4]);
            Assert.Null(cache.TryOpen(Id(1)));
            draft.Complete();
        }

        using var handle = cache.TryOpen(Id(1));
        Assert.NotNull(handle);
        Assert.Equal([1, 2, 3, 4], File.ReadAllBytes(cache.PathOf(Id(1))));
        Assert.Null(cache.TryBegin(Id(1), 4));
    }

    [Fact]
    public void What_was_written_is_there_for_the_next_attempt()
    {
        var cache = Cache();
        using (var draft = cache.TryBegin(Id(1), 4)!)
        {
            Assert.False(draft.MayHavePieces);
            draft.Write(2, [3, 4]);
        }

        using var again = Cache().TryBegin(Id(1), 4)!;
        Assert.True(again.MayHavePieces);
        var bytes = new byte[4];
        Assert.True(again.TryRead(0, bytes));
        Assert.Equal([0, 0, 3, 4], bytes);
    }

    [Fact]
    public void An_attempt_that_brought_nothing_leaves_nothing()
    {
        Cache().TryBegin(Id(1), 1000)!.Dispose();
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void One_at_a_time_puts_a_blob_together_also_from_another_process()
    {
        using (Cache().TryBegin(Id(1), 4))
        {
            Assert.Null(Cache().TryBegin(Id(1), 4));
        }

        using var next = Cache().TryBegin(Id(1), 4);
        Assert.NotNull(next);
    }

    [Fact]
    public void Those_that_were_used_least_recently_make_room()
    {
        var cache = Cache(limit: 300);
        Put(cache, 1, 100);
        Put(cache, 2, 100);
        Put(cache, 3, 100);
        cache.TryOpen(Id(1))!.Dispose();
        MakeRoom(cache, 4, 150);
        Assert.Equal([Id(1)], Blobs());
    }

    [Fact]
    public void Parts_make_room_as_well_but_not_those_that_are_being_written()
    {
        var cache = Cache(limit: 200);
        using (var old = cache.TryBegin(Id(1), 100)!)
        {
            old.Write(0, [1]);
        }

        using var current = cache.TryBegin(Id(2), 100)!;
        MakeRoom(cache, 3, 100);
        Assert.Equal([$"{Id(2)}.part"], Blobs());
        Assert.Equal("cache_too_small", Assert.Throws<SwarmException>(() => MakeRoom(cache, 3, 101)).Code);
    }

    [Fact]
    public void What_is_pinned_or_open_stays()
    {
        var cache = Cache(limit: 200);
        Put(cache, 1, 100);
        Put(cache, 2, 100);
        using (cache.Pin([Id(1)]))
        using (File.OpenRead(cache.PathOf(Id(2))))
        {
            var refused = Assert.Throws<SwarmException>(() => MakeRoom(cache, 3, 50));
            Assert.Equal("cache_too_small", refused.Code);
            Assert.Contains("may have 200", refused.Message);
        }

        MakeRoom(cache, 3, 50);
        Assert.Equal([Id(2)], Blobs());
    }

    [Fact]
    public void A_blob_that_is_pinned_twice_stays_until_both_are_done()
    {
        var cache = Cache(limit: 100);
        Put(cache, 1, 100);
        var first = cache.Pin([Id(1)]);
        using (cache.Pin([Id(1)]))
        {
            first.Dispose();
            first.Dispose();
            Assert.Throws<SwarmException>(() => MakeRoom(cache, 2, 50));
        }

        MakeRoom(cache, 2, 50);
        Assert.Empty(Blobs());
    }

    [Fact]
    public void What_is_here_already_needs_no_room()
    {
        var cache = Cache(limit: 100);
        Put(cache, 1, 100);
        MakeRoom(cache, 1, 100);
        Assert.Equal([Id(1)], Blobs());
        Assert.Equal(100, cache.CountBytes());
    }

    [Fact]
    public void Files_of_others_are_left_alone()
    {
        File.WriteAllText(_folder.File("readme.txt"), new string('x', 1000));
        var cache = Cache(limit: 100);
        MakeRoom(cache, 1, 100);
        Assert.Equal(["readme.txt"], Blobs());
    }

    [Fact]
    public void More_than_the_disk_has_is_refused_before_anything_is_sent()
    {
        var refused = Assert.Throws<SwarmException>(() => MakeRoom(Cache(), 1, 1L << 60));
        Assert.Equal("disk_full", refused.Code);
        Assert.Contains(_folder.Path, refused.Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_is_an_error()
    {
        File.WriteAllText(_folder.File("file"), "");
        var cache = new BlobCache(_folder.File("file/cache"));
        Assert.Equal("cache_unusable", Assert.Throws<SwarmException>(() => MakeRoom(cache, 1, 1)).Code);
        Assert.Equal("cache_unusable", Assert.Throws<SwarmException>(() => cache.TryBegin(Id(1), 1)).Code);
    }

    private static string Id(int number) => $"{number:x64}";

    private static void MakeRoom(BlobCache cache, int number, long length) => cache.MakeRoom(new Dictionary<string, long> { [Id(number)] = length });

    private BlobCache Cache(long limit = long.MaxValue) => new(_folder.Path, limit) { Time = _time };

    private void Put(BlobCache cache, int number, int length)
    {
        using var draft = cache.TryBegin(Id(number), length)!;
        draft.Write(0, new byte[length]);
        draft.Complete();
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    private string[] Blobs() => [.. Directory.GetFiles(_folder.Path).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
}
