using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Weights;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>A node that has more urgent things to do sends weights with pauses.</summary>
[Trait("Tier", "Loopback")]
public sealed class WeightServerPaceTests
{
    private const int Parts = TensorPieces.PieceBytes / WeightProtocol.SentDataBytes;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pauses_behind_each_part_while_its_node_is_busy(bool isBusy)
    {
        using var model = new WeightModel();
        using var clock = new PauseClock();
        await using var server = await WeightNode.StartAsync(model, options: new() { IsBusy = () => isBusy, BusyPause = clock.Pause, Time = clock });
        await using var client = await TestPeer.StartAsync(LocalPeerOptions.For(WeightNode.Token));
        var session = await client.Peer.DialAsync(server.Source.Addresses, Cancellation);
        await using var stream = new PieceStream(
            await session.OpenStreamAsync(WeightNode.ProtocolId, Cancellation), TimeSpan.FromMinutes(5), TimeProvider.System);
        var blob = model.Hashes.Tensors["blk.0.ffn_up.weight"].BlobId;
        await stream.AskAsync(new(blob, 0), Cancellation);
        var bytes = new byte[TensorPieces.PieceBytes];
        var reading = stream.ReadAsync(bytes, Cancellation).AsTask();
        for (var part = 1; part < Parts && isBusy; part++)
        {
            await await Task.WhenAny(clock.WaitAsync(Cancellation), reading);
            Assert.Equal(part * WeightProtocol.SentDataBytes, server.Server.BytesSent);
            clock.Advance(clock.Pause);
        }

        Assert.Null(await reading);
        Assert.Equal(model.Piece(blob, 0), bytes);
        Assert.InRange(clock.Pauses, isBusy ? Parts - 1 : 0, isBusy ? Parts : 0);
    }

    /// <summary>A clock that tells when somebody waits for a pause's end.</summary>
    private sealed class PauseClock : FakeTimeProvider, IDisposable
    {
        private readonly SemaphoreSlim _begun = new(0);
        private int _pauses;

        /// <summary>No other wait is as long.</summary>
        public TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(7);

        public int Pauses => Volatile.Read(ref _pauses);

        public Task WaitAsync(CancellationToken cancellationToken) => _begun.WaitAsync(cancellationToken);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            if (dueTime == Pause)
            {
                Interlocked.Increment(ref _pauses);
                _begun.Release();
            }

            return timer;
        }

        public void Dispose() => _begun.Dispose();
    }
}
