using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>Counts connections, from their first byte to their last. Safe for use by many threads.</summary>
internal sealed class ConnectionQuota(LocalPeerLimits limits)
{
    // The network part of an IPv6 address: whoever has one address of a network, has all of them.
    private const int IPv6NetworkBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _perAddress = [];
    private int _count;

    /// <summary>Connections that count now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts a connection until the result is disposed.</summary>
    /// <param name="from">Who connects; null: this side does.</param>
    /// <exception cref="SwarmException"><c>too_many_connections</c></exception>
    public IDisposable Take(IPAddress? from)
    {
        lock (_gate)
        {
            if (_count >= limits.Connections)
            {
                throw TooMany($"there are {_count} connections, allowed are {limits.Connections}");
            }

            if (from is not null)
            {
                var ofAddress = _perAddress.GetValueOrDefault(KeyOf(from));
                if (ofAddress >= limits.ConnectionsPerAddress)
                {
                    throw TooMany($"{from} has {ofAddress} connections, allowed are {limits.ConnectionsPerAddress}");
                }

                _perAddress[KeyOf(from)] = ofAddress + 1;
            }

            _count++;
            return new Place(this, from);
        }
    }

    private static SwarmException TooMany(string what) => new("too_many_connections", $"No more connections are taken: {what}.");

    private static UInt128 KeyOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6)
        {
            bytes[IPv6NetworkBytes..].Clear();
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private void Release(IPAddress? from)
    {
        lock (_gate)
        {
            _count--;
            if (from is not null && --_perAddress[KeyOf(from)] == 0)
            {
                _perAddress.Remove(KeyOf(from));
            }
        }
    }

    private sealed class Place(ConnectionQuota quota, IPAddress? from) : IDisposable
    {
        private int _isReleased;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            {
                quota.Release(from);
            }
        }
    }
}
