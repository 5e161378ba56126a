using System.Text;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Libp2p.Identify;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

/// <summary>Gossip over real connections.</summary>
[Trait("Tier", "Loopback")]
public sealed class GossipServiceTests
{
    private const string Topic = "news";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Messages_reach_all_through_a_line_of_peers()
    {
        await using var line = await Line.StartAsync(5);
        for (var i = 0; i < line.Services.Count; i++)
        {
            line.Services[i].Publish(Topic, Encoding.UTF8.GetBytes($"from {i}"));
        }

        for (var i = 0; i < line.Services.Count; i++)
        {
            var heard = new List<string>();
            while (heard.Count < line.Services.Count - 1)
            {
                heard.Add(Encoding.UTF8.GetString((await line.Services[i].Messages.ReadAsync(Cancellation)).Data.Span));
            }

            var others = Enumerable.Range(0, line.Services.Count).Where(other => other != i);
            Assert.Equal(others.Select(other => $"from {other}"), heard.Order());
        }
    }

    [Fact]
    public async Task A_message_that_somebody_else_has_signed_goes_nowhere()
    {
        await using var line = await Line.StartAsync(2);
        using var somebody = Identity.Generate();
        var forged = GossipSigning.Sign(somebody, Topic, new byte[] { 1 }, 1) with { From = line.Peers[0].PeerId };
        var session = await line.Peers[0].DialAsync(line.Peers[1].ListenAddresses[0], Cancellation);
        await using var stream = await session.OpenStreamAsync("/meshsub/1.0.0", Cancellation);
        await DelimitedMessage.WriteAsync(stream, new GossipRpc { Messages = [forged] }.ToBytes().Span, Cancellation);
        await stream.CloseWriteAsync(Cancellation);
        await TestPeer.ReadAllAsync(stream);
        line.Services[0].Publish(Topic, new byte[] { 2 });
        Assert.Equal([2], (await line.Services[1].Messages.ReadAsync(Cancellation)).Data.ToArray());
    }

    /// <summary>Peers each of which is connected with the next.</summary>
    private sealed class Line : IAsyncDisposable
    {
        private readonly List<Identity> _identities = [];

        public List<LocalPeer> Peers { get; } = [];

        public List<GossipService> Services { get; } = [];

        public static async Task<Line> StartAsync(int count)
        {
            var line = new Line();
            for (var i = 0; i < count; i++)
            {
                await line.AddAsync();
            }

            for (var i = 0; i < count; i++)
            {
                var (service, neighbours) = (line.Services[i], i == 0 || i == count - 1 ? 1 : 2);
                await TestPeer.UntilAsync(() => service.NeighboursOf(Topic).Count == neighbours);
            }

            return line;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var service in Services)
            {
                await service.DisposeAsync();
            }

            foreach (var peer in Peers)
            {
                await peer.DisposeAsync();
            }

            _identities.ForEach(identity => identity.Dispose());
        }

        private async Task AddAsync()
        {
            var identity = Identity.Generate();
            var peer = new LocalPeer(identity, TestPeer.Patiently(new()));
            var service = new GossipService(peer, identity, TimeProvider.System, NullLogger.Instance);
            service.Subscribe(Topic);
            await peer.StartListenAsync([Multiaddress.Parse("/ip4/127.0.0.1/tcp/0")], Cancellation);
            if (Peers.Count > 0)
            {
                await peer.DialAsync(Peers[^1].ListenAddresses[0], Cancellation);
            }

            _identities.Add(identity);
            Peers.Add(peer);
            Services.Add(service);
        }
    }
}
