using System.Net;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>A member of the group on one network interface, in one family. One thread may send while another receives.</summary>
internal interface IMdnsSocket : IDisposable
{
    /// <summary>Waits for what comes by this interface.</summary>
    /// <exception cref="SwarmException"><c>mdns_failed</c>: it no longer works.</exception>
    ValueTask<MdnsPacket> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Sends a message.</summary>
    /// <param name="to">Whom to; null: to all on the link.</param>
    /// <exception cref="SwarmException"><c>mdns_failed</c>: it no longer works.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> message, IPEndPoint? to, CancellationToken cancellationToken);
}
