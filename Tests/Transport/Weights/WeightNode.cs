using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>A peer on this machine that sends weights, and can fetch some.</summary>
internal sealed class WeightNode : IAsyncDisposable
{
    private readonly TestPeer _peer;

    private WeightNode(TestPeer peer, WeightModel? model, BlobCache? cache, WeightServerOptions? options)
    {
        _peer = peer;
        Server = new WeightServer(peer.Peer, Keys, cache, options);
        if (model is not null)
        {
            Registration = Server.Serve(model.File, model.Hashes);
        }
    }

    public static SwarmToken Token { get; } = SwarmToken.Parse(TestTokens.Plain);

    public static SwarmKeys Keys { get; } = new(Token);

    public static string ProtocolId { get; } = Keys.ProtocolId("weights/1.0.0");

    public WeightServer Server { get; }

    /// <summary>Of the model that is served.</summary>
    public IDisposable? Registration { get; }

    public LocalPeer Peer => _peer.Peer;

    public WeightSource Source => new(_peer.Id, [_peer.Address]);

    /// <param name="model">What it sends; null: nothing.</param>
    /// <param name="cache">Whose blobs it sends, too.</param>
    /// <param name="options">How.</param>
    public static async Task<WeightNode> StartAsync(WeightModel? model = null, BlobCache? cache = null, WeightServerOptions? options = null) =>
        new(await TestPeer.StartAsync(LocalPeerOptions.For(Token)), model, cache, options);

    public WeightFetcher Fetcher(BlobCache cache, WeightFetcherOptions? options = null) =>
        new(Peer, Token, cache, options ?? new() { RetryDelay = TimeSpan.Zero });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _peer.DisposeAsync();
    }
}
