using ManagedSwarm.Tests.Transport.Streams;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Ping;

namespace ManagedSwarm.Tests.Transport.Libp2p.Ping;

public sealed class PingProtocolTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_whose_end_the_other_side_may_see_is_not_counted_any_more()
    {
        var ping = new PingProtocol(TimeSpan.FromMinutes(1), TimeProvider.System);
        var closed = new TaskCompletionSource();
        var ending = Enumerable.Range(0, PingProtocol.MaxInboundStreams)
            .Select(_ => ping.ServeAsync(new EndedStream(closed.Task), null!, Cancellation)).ToList();
        await ping.ServeAsync(new EndedStream(Task.CompletedTask), null!, Cancellation);
        closed.SetResult();
        await Task.WhenAll(ending);
    }

    /// <summary>The other side has sent all that it had to send, and sees this side's end before this side knows that it does.</summary>
    private sealed class EndedStream(Task closed) : IMuxStream
    {
        public string ProtocolId => PingProtocol.Id;

        public PeerId RemotePeer => MemoryNetwork.Peer;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(0);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default) => new(closed);

        public void Reset()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
