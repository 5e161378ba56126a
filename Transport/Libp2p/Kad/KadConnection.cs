namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>How whoever names a peer stands with it (<c>Message.ConnectionType</c>). A hint; nothing here depends on it.</summary>
internal enum KadConnection
{
    NotConnected = 0,
    Connected = 1,
    CanConnect = 2,
    CannotConnect = 3,
}
