using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Weights;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>Weights from sources that are good, bad, slow or gone.</summary>
public sealed class WeightFetcherTests : HeadAndWorker
{
    private const int WrongPiece = 3120;
    private const int NoBulkConnection = 3123;

    private static readonly Multiaddress NobodyThere = Multiaddress.Parse("/ip4/127.0.0.1/tcp/1");

    [Fact]
    public async Task Fetches_each_byte_once_and_says_how_far_it_is()
    {
        using var tensors = await FetchAsync(All, [Head.Source]);
        Model.AssertSame(All, tensors);
        Assert.Equal(All.TotalBytes, Head.Server.BytesSent);
        Assert.Equal((All.TotalBytes, All.TotalBytes), (Told.Values[^1].BytesDone, Told.Values[^1].BytesTotal));
        Assert.Equal(Told.Values.Select(value => value.BytesDone).Order(), Told.Values.Select(value => value.BytesDone));

        // Over a connection of its own: the two nodes themselves have none.
        Assert.Empty(Worker.Peer.Sessions);
    }

    [Fact]
    public async Task Fetches_only_the_layers_that_are_asked_for()
    {
        using var tensors = await FetchAsync(Model.Manifest(1, 1), [Head.Source]);
        Assert.Equal(WeightModel.MediumBytes + WeightModel.SmallBytes, Head.Server.BytesSent);
        Assert.Equal(["blk.1.attn_norm.weight", "blk.1.ffn_up.weight"], tensors.Tensors.Select(tensor => tensor.Name));
    }

    [Fact]
    public async Task Fetches_from_two_sources_at_once()
    {
        // Each has its first answer only when the other one has been asked.
        await using var meeting = await SourceMeeting.StartAsync((request, _) => ScriptedSource.Frames(Model.Piece(request.BlobId, request.Piece)));
        using var tensors = await FetchAsync(All, [.. meeting.Sources]);
        Model.AssertSame(All, tensors);
        Assert.All(meeting.Requests, count => Assert.InRange(count, 1, PieceCount - 1));
        Assert.Equal(PieceCount, meeting.Requests.Sum());
    }

    [Fact]
    public async Task A_source_that_lies_is_dropped_and_the_piece_comes_from_another()
    {
        await using var meeting = await SourceMeeting.StartAsync((request, source) =>
        {
            var piece = Model.Piece(request.BlobId, request.Piece);
            piece[^1] ^= (byte)(source == 0 ? 1 : 0);
            return ScriptedSource.Frames(piece);
        });
        using var tensors = await FetchAsync(All, [.. meeting.Sources]);
        Model.AssertSame(All, tensors);
        var warned = Assert.Single(Log.Of(WrongPiece));
        Assert.Equal(meeting.Sources[0].Peer, warned["Peer"]);

        // What it was asked before its first lie was known.
        Assert.InRange(meeting.Requests[0], 1, Options.PiecesPerSource + Options.PiecesInMemory);
    }

    [Fact]
    public async Task A_source_that_dies_is_replaced_by_the_others()
    {
        await using var meeting = await SourceMeeting.StartAsync((request, source) =>
            source == 0 ? null : ScriptedSource.Frames(Model.Piece(request.BlobId, request.Piece)));
        using var tensors = await FetchAsync(All, [.. meeting.Sources]);
        Model.AssertSame(All, tensors);
    }

    [Fact]
    public async Task A_stream_that_breaks_within_a_piece_is_opened_anew()
    {
        await using var source = await ScriptedSource.StartAsync((request, number) => Task.FromResult<byte[]?>(
            ScriptedSource.Frames(Model.Piece(request.BlobId, request.Piece)) is var frames && number % 3 == 0 ? null : frames));
        using var tensors = await FetchAsync(All, [source.Source]);
        Model.AssertSame(All, tensors);
        Assert.InRange(source.Streams, 2, PieceCount);
    }

    [Fact]
    public async Task A_source_without_some_blobs_gives_the_others()
    {
        var small = Model.Hashes.Tensors["blk.0.attn_norm.weight"].BlobId;
        await using var meeting = await SourceMeeting.StartAsync((request, source) => source == 0 && request.BlobId != small
            ? PieceRefusal.UnknownBlob(request).ToBytes()
            : ScriptedSource.Frames(Model.Piece(request.BlobId, request.Piece)));
        using var tensors = await FetchAsync(All, [.. meeting.Sources]);
        Model.AssertSame(All, tensors);
    }

    [Fact]
    public async Task Says_which_tensor_is_missing_and_what_each_source_did_where_only_a_liar_is_left()
    {
        await using var liar = await ScriptedSource.StartAsync((request, _) =>
            Task.FromResult<byte[]?>(ScriptedSource.Frames(new byte[Model.Piece(request.BlobId, request.Piece).Length])));
        await using var empty = await WeightNode.StartAsync();
        var failed = await Assert.ThrowsAsync<SwarmException>(() => FetchAsync(All, [liar.Source, empty.Source]));
        Assert.Equal("weights_unavailable", failed.Code);
        Assert.Contains("blk.", failed.Message);
        Assert.Contains($"{liar.Source.Peer}: it sent wrong bytes", failed.Message);
        Assert.Contains($"{empty.Source.Peer}: blob", failed.Message);
        Assert.Single(Log.Of(WrongPiece));
        Assert.Empty(Directory.GetFiles(Folder.Path));
    }

    [Fact]
    public async Task Says_so_where_there_is_no_source_or_none_can_be_reached()
    {
        Assert.Contains("there is no source", (await Assert.ThrowsAsync<SwarmException>(() => FetchAsync(All, []))).Message);
        using var nobody = Identity.Generate();
        var failed = await Assert.ThrowsAsync<SwarmException>(() => FetchAsync(All, [new(nobody.PeerId, [NobodyThere])]));
        Assert.Equal("weights_unavailable", failed.Code);
        Assert.Contains($"{nobody.PeerId}", failed.Message);
    }

    [Fact]
    public async Task Comes_over_the_connection_that_there_is_where_no_other_can_be_made()
    {
        await Worker.Peer.DialAsync(Head.Source.Addresses, Cancellation);
        using var tensors = await FetchAsync(All, [new(Head.Peer.PeerId, [NobodyThere])]);
        Model.AssertSame(All, tensors);
        Assert.Single(Log.Of(NoBulkConnection));
        using var folder = new TemporaryFolder();
        (await FetchAsync(All, [new(Head.Peer.PeerId, [])], new(folder.Path))).Dispose();
    }

    [Fact]
    public async Task A_source_that_sends_nothing_is_given_up_for_others()
    {
        var never = new TaskCompletionSource<byte[]?>();
        await using var silent = await ScriptedSource.StartAsync((_, _) => never.Task);
        var time = new LimitClock();
        var options = Options with { Time = time, Retries = 0, StallTimeout = time.Limit };
        var fetching = Worker.Fetcher(Cache(), options).FetchAsync(All, [silent.Source], null, Cancellation);

        // One limit for each request, and one for the first answer.
        await TestPeer.UntilAsync(() => time.Limits == options.PiecesPerSource + 1);
        time.Advance(time.Limit);
        var failed = await Assert.ThrowsAsync<SwarmException>(() => fetching);
        Assert.Contains("nothing moved for", failed.Message);
        never.SetResult(null);
    }

    /// <summary>A clock that counts how often a time limit has begun.</summary>
    private sealed class LimitClock : FakeTimeProvider
    {
        private int _limits;

        /// <summary>No other wait is as long.</summary>
        public TimeSpan Limit { get; } = TimeSpan.FromSeconds(7);

        public int Limits => Volatile.Read(ref _limits);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Limit)
            {
                Interlocked.Increment(ref _limits);
            }

            return timer;
        }
    }
}
