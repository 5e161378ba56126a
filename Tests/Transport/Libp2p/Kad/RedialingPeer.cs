using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Libp2p.Kad;

/// <summary>A peer whose session with another ends in the very moment in which that one is dialed, so that a new one takes its place.</summary>
/// <param name="peer">What it is otherwise; stays the caller's.</param>
internal sealed class RedialingPeer(ILocalPeer peer) : ILocalPeer
{
    public event Action<ISession>? Connected
    {
        add => peer.Connected += value;
        remove => peer.Connected -= value;
    }

    public event Action<ISession, SwarmException>? Disconnected
    {
        add => peer.Disconnected += value;
        remove => peer.Disconnected -= value;
    }

    public PeerId PeerId => peer.PeerId;

    public IReadOnlyList<Multiaddress> ListenAddresses => peer.ListenAddresses;

    public IReadOnlyCollection<ISession> Sessions => peer.Sessions;

    public PeerStore PeerStore => peer.PeerStore;

    public Task StartListenAsync(IReadOnlyList<Multiaddress>? addresses = null, CancellationToken cancellationToken = default) =>
        peer.StartListenAsync(addresses, cancellationToken);

    public ValueTask<ISession> DialAsync(Multiaddress address, CancellationToken cancellationToken = default) => DialAsync([address], cancellationToken);

    public async ValueTask<ISession> DialAsync(IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken = default)
    {
        foreach (var session in peer.Sessions)
        {
            await session.DisposeAsync();
        }

        return await peer.DialAsync(addresses, cancellationToken);
    }

    public ValueTask<ISession> DialAsync(PeerId other, CancellationToken cancellationToken = default) => peer.DialAsync(other, cancellationToken);

    public IStreamListener Listen(string protocolId) => peer.Listen(protocolId);

    public ValueTask<IMuxStream> OpenStreamAsync(PeerId other, string protocolId, CancellationToken cancellationToken = default) =>
        peer.OpenStreamAsync(other, protocolId, cancellationToken);

    public ValueTask<TimeSpan> PingAsync(PeerId other, CancellationToken cancellationToken = default) => peer.PingAsync(other, cancellationToken);

    public ValueTask DisposeAsync() => default;
}
