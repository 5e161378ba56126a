using System.Net;
using System.Net.Sockets;
using ManagedSwarm.Transport.Discovery.Mdns.Dns;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>
/// A UDP socket on port 5353, shared with other programs, that is a member of the group 224.0.0.251 or ff02::fb on one network interface
/// (RFC 6762 §3), and sends with a time to live of 255 (§11), so that others see that it came by no router.
/// </summary>
internal sealed class MdnsSocket : IMdnsSocket
{
    private const int TimeToLive = 255;

    // Linux: a socket hears only the groups that it joined itself (ip(7), ipv6(7)).
    private const int LinuxIPv4Level = 0;
    private const int LinuxIPv4MulticastAll = 49;
    private const int LinuxIPv6Level = 41;
    private const int LinuxIPv6MulticastAll = 29;

    private static readonly IPAddress IPv4Group = IPAddress.Parse("224.0.0.251");
    private static readonly IPAddress IPv6Group = IPAddress.Parse("ff02::fb");

    private readonly MdnsInterface _link;
    private readonly Socket _socket;
    private readonly IPAddress _group;
    private readonly IPEndPoint _any;
    private readonly byte[] _buffer = new byte[DnsReader.MaxBytes];

    /// <exception cref="SwarmException"><c>mdns_failed</c></exception>
    public MdnsSocket(MdnsInterface link, AddressFamily family)
    {
        var isIPv4 = family == AddressFamily.InterNetwork;
        (_link, _group) = (link, isIPv4 ? IPv4Group : new(IPv6Group.GetAddressBytes(), link.Index));
        _any = new(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, MdnsMessages.Port);
        try
        {
            _socket = new(family, SocketType.Dgram, ProtocolType.Udp);
        }
        catch (SocketException exception)
        {
            throw Failure(exception);
        }

        try
        {
            Share();
            _socket.Bind(_any);
            Join(isIPv4);
        }
        catch (SocketException exception)
        {
            _socket.Dispose();
            throw Failure(exception);
        }
    }

    public async ValueTask<MdnsPacket> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveMessageFromAsync(_buffer, SocketFlags.None, _any, cancellationToken);
                if (result.PacketInformation.Interface == _link.Index && (result.SocketFlags & SocketFlags.Truncated) == 0)
                {
                    var isToGroup = result.PacketInformation.Address.GetAddressBytes().AsSpan().SequenceEqual(_group.GetAddressBytes());
                    return new(_buffer.AsMemory(0, result.ReceivedBytes), (IPEndPoint)result.RemoteEndPoint, isToGroup);
                }
            }
        }
        catch (SocketException exception)
        {
            throw Failure(exception);
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, IPEndPoint? to, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendToAsync(message, SocketFlags.None, to ?? new(_group, MdnsMessages.Port), cancellationToken);
        }
        catch (SocketException) when (to is not null)
        {
            // Whoever asked can no longer be reached; the others can.
        }
        catch (SocketException exception)
        {
            throw Failure(exception);
        }
    }

    public void Dispose() => _socket.Dispose();

    private void Share()
    {
        _socket.ExclusiveAddressUse = false;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        if (_socket.AddressFamily == AddressFamily.InterNetworkV6)
        {
            _socket.DualMode = false;
        }
    }

    private void Join(bool isIPv4)
    {
        var level = isIPv4 ? SocketOptionLevel.IP : SocketOptionLevel.IPv6;
        _socket.SetSocketOption(level, SocketOptionName.PacketInformation, true);
        _socket.SetSocketOption(level, SocketOptionName.AddMembership, isIPv4
            ? new MulticastOption(_group, _link.Index)
            : new IPv6MulticastOption(_group, _link.Index));
        _socket.SetSocketOption(
            level, SocketOptionName.MulticastInterface, isIPv4 ? IPAddress.HostToNetworkOrder(_link.Index) : _link.Index);
        _socket.SetSocketOption(level, SocketOptionName.MulticastTimeToLive, TimeToLive);
        _socket.SetSocketOption(level, SocketOptionName.IpTimeToLive, TimeToLive);

        // Other nodes of this machine are to hear it.
        _socket.SetSocketOption(level, SocketOptionName.MulticastLoopback, true);
        if (OperatingSystem.IsLinux())
        {
            _socket.SetRawSocketOption(
                isIPv4 ? LinuxIPv4Level : LinuxIPv6Level, isIPv4 ? LinuxIPv4MulticastAll : LinuxIPv6MulticastAll, new byte[sizeof(int)]);
        }
    }

    private SwarmException Failure(SocketException exception) =>
        new("mdns_failed", $"{_group} on network interface {_link.Name}: {exception.SocketErrorCode}: {exception.Message}", exception);
}
