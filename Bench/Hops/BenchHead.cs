using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Token;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Bench.Hops;

/// <summary>This process as a head: has chains, sends weights, and bytes of no meaning to whoever opens a stream for them.</summary>
internal sealed class BenchHead : IAsyncDisposable
{
    /// <summary>The protocol of streams of bytes of no meaning.</summary>
    public const string BulkProtocol = "/managedswarm/bench/1.0.0";

    // As weights are sent.
    private const int MessageBytes = WeightProtocol.SentDataBytes;

    private readonly Identity _identity = Identity.Generate();
    private readonly LocalPeer _peer;
    private readonly long _bulkBytes;
    private readonly IStreamListener _listener;
    private readonly Task _sending;

    /// <param name="token">The swarm's.</param>
    /// <param name="bulkBytes">Bytes that such a stream brings.</param>
    public BenchHead(SwarmToken token, long bulkBytes = 0)
    {
        var keys = new SwarmKeys(token);
        _bulkBytes = bulkBytes;
        _peer = new(_identity, LocalPeerOptions.For(token));
        Node = new(_peer, keys);
        Weights = new(_peer, keys, options: new() { IsBusy = () => Node.IsStepping });
        _listener = _peer.Listen(BulkProtocol);
        _sending = SendBulkAsync();
    }

    public StageNode Node { get; }

    public WeightServer Weights { get; }

    public StagePeer Address => new(_peer.PeerId, _peer.ListenAddresses);

    public Task StartAsync() => _peer.StartListenAsync([StageProcessLoop.AnyPort]);

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await Weights.DisposeAsync();
        await Node.DisposeAsync();
        await _peer.DisposeAsync();
        await _sending;
        _identity.Dispose();
    }

    private async Task SendBulkAsync()
    {
        var message = new byte[MessageBytes];
        while (await _listener.AcceptAsync() is { } stream)
        {
            await using (stream)
            {
                for (var left = _bulkBytes; left > 0; left -= MessageBytes)
                {
                    await stream.WriteAsync(message.AsMemory(0, (int)Math.Min(left, MessageBytes)));
                }

                await stream.CloseWriteAsync();
                await stream.ReadAsync(new byte[1]);
            }
        }
    }
}
