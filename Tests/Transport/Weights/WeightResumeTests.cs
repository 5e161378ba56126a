using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Gguf;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>What is on disk already, whole, in part or damaged, and what the disk has no room for.</summary>
public sealed class WeightResumeTests : HeadAndWorker
{
    private const int BlobDamaged = 3121;

    [Fact]
    public async Task The_second_time_nothing_is_sent()
    {
        (await FetchAsync(All, [Head.Source])).Dispose();
        var sent = Head.Server.BytesSent;
        using var tensors = await FetchAsync(All, [Head.Source]);
        Model.AssertSame(All, tensors);
        Assert.Equal(sent, Head.Server.BytesSent);
        (await FetchAsync(All, [])).Dispose();
    }

    [Fact]
    public async Task Goes_on_where_it_was_interrupted()
    {
        using var cancelled = new CancellationTokenSource();
        var progress = new Recorded<WeightProgress>(value =>
        {
            if (value.BytesDone >= 2 * TensorPieces.PieceBytes)
            {
                cancelled.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Fetcher().FetchAsync(All, [Head.Source], progress, cancelled.Token));

        // As after a restart: another cache of the same folder. And another source: the first may still be sending what nobody takes.
        await using var another = await WeightNode.StartAsync(Model);
        using var tensors = await FetchAsync(All, [another.Source]);
        Model.AssertSame(All, tensors);
        var kept = All.TotalBytes - another.Server.BytesSent;
        Assert.InRange(kept, 2 * TensorPieces.PieceBytes, All.TotalBytes - 1);
        Assert.InRange(Head.Server.BytesSent - kept, 0, Options.PiecesPerSource * TensorPieces.PieceBytes);
    }

    [Fact]
    public async Task A_damaged_blob_is_found_and_fetched_again()
    {
        (await FetchAsync(All, [Head.Source])).Dispose();
        var sent = Head.Server.BytesSent;
        var path = Path.Combine(Folder.Path, Model.Hashes.Tensors["blk.1.ffn_up.weight"].BlobId);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var tensors = await FetchAsync(All, [Head.Source]);
        Model.AssertSame(All, tensors);
        Assert.Equal(WeightModel.MediumBytes, Head.Server.BytesSent - sent);
        Assert.Equal("blk.1.ffn_up.weight", Assert.Single(Log.Of(BlobDamaged))["Tensor"]);
        Assert.Equal(All.TotalBytes, Told.Values[^1].BytesDone);
    }

    [Fact]
    public async Task What_is_in_use_is_not_verified_again()
    {
        var cache = Cache();
        var first = await FetchAsync(All, [Head.Source], cache);
        using (var file = File.OpenHandle(
            cache.PathOf(Model.Hashes.Tensors["blk.1.ffn_up.weight"].BlobId), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            var last = new byte[1];
            RandomAccess.Read(file, last, WeightModel.MediumBytes - 1);
            last[0] ^= 1;
            RandomAccess.Write(file, last, WeightModel.MediumBytes - 1);
        }

        var second = await FetchAsync(All, [Head.Source], cache);
        first.Dispose();
        (await FetchAsync(All, [Head.Source], cache)).Dispose();
        Assert.Empty(Log.Of(BlobDamaged));
        Assert.Equal((All.TotalBytes, All.TotalBytes), (Head.Server.BytesSent, Told.Values[^1].BytesDone));

        // Now it is not.
        second.Dispose();
        using var third = await FetchAsync(All, [Head.Source], cache);
        Assert.Single(Log.Of(BlobDamaged));
        Model.AssertSame(All, third);
    }

    [Fact]
    public async Task A_blob_that_was_cut_is_fetched_again()
    {
        (await FetchAsync(All, [Head.Source])).Dispose();
        File.WriteAllBytes(Path.Combine(Folder.Path, Model.Hashes.Tensors["blk.1.ffn_up.weight"].BlobId), [1]);
        using var tensors = await FetchAsync(All, [Head.Source]);
        Model.AssertSame(All, tensors);
        Assert.Single(Log.Of(BlobDamaged));
    }

    [Fact]
    public async Task A_full_disk_is_an_error_and_what_was_written_is_of_use_later()
    {
        const int NoSpace = 28;
        var written = 0;
        var full = new BlobCache(Folder.Path)
        {
            Write = (handle, bytes, offset) =>
            {
                if (Interlocked.Increment(ref written) > 3)
                {
                    RandomAccess.Write(handle, bytes[..(bytes.Length / 2)], offset);
                    throw new IOException("No space left on device", NoSpace);
                }

                RandomAccess.Write(handle, bytes, offset);
            },
        };
        var failed = await Assert.ThrowsAsync<SwarmException>(() => FetchAsync(All, [Head.Source], full));
        Assert.Equal("disk_full", failed.Code);
        Assert.Contains(Folder.Path, failed.Message);
        var sent = Head.Server.BytesSent;
        using var tensors = await FetchAsync(All, [Head.Source]);
        Model.AssertSame(All, tensors);
        Assert.InRange(Head.Server.BytesSent - sent, 1, All.TotalBytes - 1);
    }

    [Fact]
    public async Task More_than_the_cache_may_have_is_refused_before_anything_is_sent()
    {
        var cache = new BlobCache(Folder.Path, All.TotalBytes - 1);
        var failed = await Assert.ThrowsAsync<SwarmException>(() => FetchAsync(All, [Head.Source], cache));
        Assert.Equal("cache_too_small", failed.Code);
        Assert.Equal(0, Head.Server.BytesSent);
    }

    [Fact]
    public async Task Weights_in_use_do_not_make_room_for_others_until_they_are_disposed()
    {
        var cache = new BlobCache(Folder.Path, WeightModel.LargeBytes + WeightModel.SmallBytes);
        var (first, second) = (Model.Manifest(0, 1), Model.Manifest(1, 1));
        var tensors = await FetchAsync(first, [Head.Source], cache);
        var refused = await Assert.ThrowsAsync<SwarmException>(() => FetchAsync(second, [Head.Source], cache));
        Assert.Equal("cache_too_small", refused.Code);
        Model.AssertSame(first, tensors);
        tensors.Dispose();
        using var others = await FetchAsync(second, [Head.Source], cache);
        Model.AssertSame(second, others);
        Assert.Null(cache.TryOpen(Model.Hashes.Tensors["blk.0.ffn_up.weight"].BlobId));
    }

    [Fact]
    public async Task Two_who_need_the_same_fetch_it_once()
    {
        var both = await Task.WhenAll(FetchAsync(All, [Head.Source]), FetchAsync(All, [Head.Source]));
        foreach (var tensors in both)
        {
            Model.AssertSame(All, tensors);
            tensors.Dispose();
        }

        Assert.Equal(All.TotalBytes, Head.Server.BytesSent);
    }

    [Fact]
    public async Task Comes_from_any_node_that_has_it_in_its_cache()
    {
        (await FetchAsync(All, [Head.Source])).Dispose();
        var sent = Head.Server.BytesSent;
        await using var other = await WeightNode.StartAsync(cache: Cache());
        using var folder = new TemporaryFolder();
        using var tensors = await FetchAsync(All, [other.Source], new(folder.Path));
        Model.AssertSame(All, tensors);
        Assert.Equal((sent, All.TotalBytes), (Head.Server.BytesSent, other.Server.BytesSent));
    }
}
