using System.Net;
using System.Threading.Channels;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>A link on which all hear all in their family.</summary>
internal sealed class MemoryLan
{
    private readonly Lock _gate = new();
    private readonly List<MemorySocket> _sockets = [];
    private readonly Channel<DnsMessage> _heard = Channel.CreateUnbounded<DnsMessage>();

    /// <summary>All that was sent to all.</summary>
    public ChannelReader<DnsMessage> Heard => _heard.Reader;

    /// <summary>Who has ceased to take part.</summary>
    public Channel<IPAddress> Closed { get; } = Channel.CreateUnbounded<IPAddress>();

    /// <summary>How many take part.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _sockets.Count;
            }
        }
    }

    public IMdnsSocket Open(IPEndPoint endPoint)
    {
        var socket = new MemorySocket(this, endPoint);
        lock (_gate)
        {
            _sockets.Add(socket);
        }

        return socket;
    }

    /// <summary>Every socket fails when next it is used.</summary>
    public void Break()
    {
        lock (_gate)
        {
            _sockets.ForEach(socket => socket.Packets.Writer.TryComplete(new SwarmException("mdns_failed", "as the test asks")));
        }
    }

    private void Send(MemorySocket from, byte[] message, IPEndPoint? to)
    {
        lock (_gate)
        {
            foreach (var socket in _sockets.Where(socket => socket.EndPoint.AddressFamily == from.EndPoint.AddressFamily))
            {
                if (to is null || to.Equals(socket.EndPoint))
                {
                    socket.Packets.Writer.TryWrite(new(message, from.EndPoint, to is null));
                }
            }
        }

        _heard.Writer.TryWrite(DnsMessage.Read(message));
    }

    private void Close(MemorySocket socket)
    {
        lock (_gate)
        {
            _sockets.Remove(socket);
        }

        Closed.Writer.TryWrite(socket.EndPoint.Address);
    }

    private sealed class MemorySocket(MemoryLan lan, IPEndPoint endPoint) : IMdnsSocket
    {
        public IPEndPoint EndPoint => endPoint;

        public Channel<MdnsPacket> Packets { get; } = Channel.CreateUnbounded<MdnsPacket>();

        public async ValueTask<MdnsPacket> ReceiveAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await Packets.Reader.ReadAsync(cancellationToken);
            }
            catch (ChannelClosedException exception)
            {
                throw exception.InnerException!;
            }
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> message, IPEndPoint? to, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lan.Send(this, message.ToArray(), to);
            return ValueTask.CompletedTask;
        }

        public void Dispose() => lan.Close(this);
    }
}
