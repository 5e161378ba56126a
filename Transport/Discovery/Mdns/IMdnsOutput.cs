using System.Net;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>What a link wants done.</summary>
internal interface IMdnsOutput
{
    /// <summary>Sends a message.</summary>
    /// <param name="to">Whom to; null: to all on the link.</param>
    void Send(byte[] message, IPEndPoint? to);

    void Found(DiscoveredPeer peer);
}
