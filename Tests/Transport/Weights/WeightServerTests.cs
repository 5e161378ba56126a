using System.Buffers;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Weights;
using MessagePack;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class WeightServerTests : IAsyncLifetime
{
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private readonly WeightModel _model = new();
    private WeightNode _server = null!;
    private TestPeer _client = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string LargeBlob => _model.Hashes.Tensors["blk.0.ffn_up.weight"].BlobId;

    public async ValueTask InitializeAsync()
    {
        _server = await WeightNode.StartAsync(_model, options: new() { Streams = 2, WaitingStreams = 1 });
        _client = await TestPeer.StartAsync(LocalPeerOptions.For(WeightNode.Token));
        await _client.Peer.DialAsync(_server.Source.Addresses, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
        _model.Dispose();
    }

    [Fact]
    public async Task Sends_the_pieces_that_are_asked_for_in_the_order_of_the_requests()
    {
        await using var stream = await OpenAsync();
        PieceRequest[] requests = [new(LargeBlob, 6), new(LargeBlob, 0), new(_model.Hashes.Tensors["token_embd.weight"].BlobId, 1)];
        foreach (var request in requests)
        {
            await stream.AskAsync(request, Cancellation);
        }

        foreach (var request in requests)
        {
            await AssertComesAsync(stream, request);
        }

        // They are counted when they have gone.
        await TestPeer.UntilAsync(() => _server.Server.BytesSent == 512 + TensorPieces.PieceBytes + 8);
    }

    [Fact]
    public async Task Refuses_what_is_not_there_and_the_stream_goes_on()
    {
        await using var stream = await OpenAsync();
        foreach (var (request, code) in ((PieceRequest, string)[])[
            (new(new('0', 64), 0), "unknown_blob"),
            (new(LargeBlob, 7), "piece_out_of_range"),
            (new(LargeBlob, -1), "piece_out_of_range"),
            (new(LargeBlob, int.MaxValue), "piece_out_of_range"),
            (new(LargeBlob, int.MinValue), "piece_out_of_range")])
        {
            Assert.Equal(code, (await RequestAsync(stream, request, 1))?.Code);
        }

        await stream.AskAsync(new(LargeBlob, 6), Cancellation);
        await AssertComesAsync(stream, new(LargeBlob, 6));
    }

    [Theory]
    [InlineData(0xFFFFFFFFL, "frame_too_large")]
    [InlineData(65L, "frame_too_large")]
    [InlineData(0L, "invalid_frame")]
    public async Task A_request_of_an_impossible_length_is_answered_with_a_code_and_the_end(long length, string code)
    {
        var prefix = new byte[100];
        BitConverter.TryWriteBytes(prefix, (uint)length);
        Assert.Equal(code, await FatalAsync(prefix));
    }

    [Fact]
    public async Task A_malformed_request_is_answered_with_a_code_and_the_end()
    {
        Assert.Equal("invalid_frame", await FatalAsync(Frame((ref MessagePackWriter writer) => writer.Write("request"))));
        Assert.Equal("invalid_frame", await FatalAsync(Frame((ref MessagePackWriter writer) => writer.Write(WeightProtocol.DataKind))));
        Assert.Equal("invalid_frame", await FatalAsync(Request(new byte[31], 0)));
        Assert.Equal("frame_too_large", await FatalAsync(Request(new byte[33], 0)));
        Assert.Equal("invalid_frame", await FatalAsync(Request(new byte[32], long.MaxValue)));
    }

    [Fact]
    public async Task A_request_that_is_cut_is_answered_with_a_code_and_the_end()
    {
        await using var raw = await _client.Peer.OpenStreamAsync(_server.Peer.PeerId, WeightNode.ProtocolId, Cancellation);
        await raw.WriteAsync(new PieceRequest(LargeBlob, 0).ToBytes().AsMemory(0, 20), Cancellation);
        await raw.CloseWriteAsync(Cancellation);
        Assert.Equal("truncated_frame", CodeOf(await TestPeer.ReadAllAsync(raw)));
    }

    [Fact]
    public async Task Streams_beyond_the_limit_wait_until_another_has_ended_and_those_beyond_that_are_reset()
    {
        var (first, second) = (await OpenAsync(), await OpenAsync());
        await using var owned = second;
        Assert.Equal("unknown_blob", (await RequestAsync(first, new(new('0', 64), 0), 1))?.Code);
        Assert.Equal("unknown_blob", (await RequestAsync(second, new(new('0', 64), 0), 1))?.Code);
        await using var third = await OpenAsync();
        await using var fourth = await OpenAsync();
        var answers = new[] { third, fourth }.Select(stream => RequestAsync(stream, new(new('0', 64), 0), 1).AsTask()).ToList();

        // Whichever came last is refused; the other one waits.
        var refused = await Task.WhenAny(answers);
        Assert.Equal("stream_reset", (await Assert.ThrowsAsync<SwarmException>(() => refused)).Code);
        var waiting = answers.Single(answer => answer != refused);
        Assert.False(waiting.IsCompleted);
        await first.DisposeAsync();
        Assert.Equal("unknown_blob", (await waiting)?.Code);
    }

    [Fact]
    public async Task Serves_a_model_only_as_long_as_it_is_told_to()
    {
        await using var stream = await OpenAsync();
        await stream.AskAsync(new(LargeBlob, 6), Cancellation);
        await AssertComesAsync(stream, new(LargeBlob, 6));
        _server.Registration!.Dispose();
        Assert.Equal("unknown_blob", (await RequestAsync(stream, new(LargeBlob, 6), 512))?.Code);
    }

    [Fact]
    public async Task A_model_that_was_closed_is_a_refusal()
    {
        await using var stream = await OpenAsync();
        _model.File.Dispose();
        Assert.Equal("unreadable_blob", (await RequestAsync(stream, new(LargeBlob, 6), 512))?.Code);
    }

    [Fact]
    public async Task Sends_what_is_in_its_cache()
    {
        using var folder = new TemporaryFolder();
        var cache = new BlobCache(folder.Path);
        using (var draft = cache.TryBegin(LargeBlob, 3)!)
        {
            draft.Write(0, [1, 2, 3]);
            draft.Complete();
        }

        await using var server = await WeightNode.StartAsync(cache: cache);
        await _client.Peer.DialAsync(server.Source.Addresses, Cancellation);
        await using var stream = new PieceStream(
            await _client.Peer.OpenStreamAsync(server.Peer.PeerId, WeightNode.ProtocolId, Cancellation), Stall, TimeProvider.System);
        await stream.AskAsync(new(LargeBlob, 0), Cancellation);
        var bytes = new byte[3];
        Assert.Null(await stream.ReadAsync(bytes, Cancellation));
        Assert.Equal([1, 2, 3], bytes);
    }

    [Fact]
    public async Task Ends_while_somebody_takes_nothing()
    {
        await using var stream = await OpenAsync();
        for (var i = 0; i < 6; i++)
        {
            await stream.AskAsync(new(LargeBlob, i), Cancellation);
        }

        await AssertComesAsync(stream, new(LargeBlob, 0));
        await _server.Server.DisposeAsync();
        Assert.InRange(_server.Server.BytesSent, TensorPieces.PieceBytes, WeightModel.LargeBytes);
        await Assert.ThrowsAsync<SwarmException>(async () => await stream.ReadAsync(new byte[WeightModel.LargeBytes], Cancellation));
    }

    private delegate void WriteValues(ref MessagePackWriter writer);

    private static byte[] Frame(WriteValues write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var frames = new FrameWriter(buffer, FrameLimits.Default);
        var writer = frames.Begin();
        write(ref writer);
        frames.End(ref writer);
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Request(byte[] id, long piece) => Frame((ref MessagePackWriter writer) =>
    {
        writer.Write(WeightProtocol.RequestKind);
        writer.Write(id);
        writer.Write(piece);
    });

    private static async ValueTask<PieceRefusal?> RequestAsync(PieceStream stream, PieceRequest request, int bytes)
    {
        await stream.AskAsync(request, Cancellation);
        return await stream.ReadAsync(new byte[bytes], Cancellation);
    }

    private static string CodeOf(byte[] frame)
    {
        Assert.Equal(WeightProtocol.RefusalKind, frame[FramePrefix.Size]);
        return PieceRefusal.Read(new(frame.AsMemory(FramePrefix.Size + WeightProtocol.KindBytes))).Code;
    }

    private async Task<string> FatalAsync(byte[] bytes)
    {
        await using var raw = await _client.Peer.OpenStreamAsync(_server.Peer.PeerId, WeightNode.ProtocolId, Cancellation);
        await raw.WriteAsync(bytes, Cancellation);
        await raw.CloseWriteAsync(Cancellation);
        return CodeOf(await TestPeer.ReadAllAsync(raw));
    }

    private async Task AssertComesAsync(PieceStream stream, PieceRequest request)
    {
        var expected = _model.Piece(request.BlobId, request.Piece);
        var bytes = new byte[expected.Length];
        Assert.Null(await stream.ReadAsync(bytes, Cancellation));
        Assert.True(expected.AsSpan().SequenceEqual(bytes));
    }

    private async Task<PieceStream> OpenAsync() =>
        new(await _client.Peer.OpenStreamAsync(_server.Peer.PeerId, WeightNode.ProtocolId, Cancellation), Stall, TimeProvider.System);
}
