using System.Net;
using System.Net.Sockets;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>How often wrong keys may be tried from one place. Safe for use by many threads.</summary>
internal sealed class GuessLimit(TimeProvider time)
{
    /// <summary>Wrong keys in a <see cref="Window"/>.</summary>
    public const int MaxGuesses = 10;

    /// <summary>Places that are remembered at once; while there are so many, others have to wait.</summary>
    public const int MaxPlaces = 4096;

    // What one customer has, and can take any address of.
    private const int Ipv6PrefixBytes = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, (int Count, long Since)> _places = [];

    public static TimeSpan Window { get; } = TimeSpan.FromMinutes(1);

    /// <summary>Counts a guess before it is looked at.</summary>
    /// <returns>False: it must not be looked at.</returns>
    public bool TryBegin(IPAddress? address)
    {
        var place = PlaceOf(address);
        lock (_gate)
        {
            if (_places.Count >= MaxPlaces)
            {
                ForgetOld();
            }

            var known = _places.TryGetValue(place, out var entry) && time.GetElapsedTime(entry.Since) < Window;
            if (known ? entry.Count >= MaxGuesses : _places.Count >= MaxPlaces)
            {
                return false;
            }

            _places[place] = known ? (entry.Count + 1, entry.Since) : (1, time.GetTimestamp());
            return true;
        }
    }

    /// <summary>It was right.</summary>
    public void Succeeded(IPAddress? address)
    {
        lock (_gate)
        {
            _places.Remove(PlaceOf(address));
        }
    }

    private void ForgetOld()
    {
        foreach (var (place, entry) in _places.ToList())
        {
            if (time.GetElapsedTime(entry.Since) >= Window)
            {
                _places.Remove(place);
            }
        }
    }

    private static IPAddress PlaceOf(IPAddress? address)
    {
        if (address is null or { AddressFamily: not AddressFamily.InterNetworkV6 } or { IsIPv4MappedToIPv6: true })
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(Ipv6PrefixBytes).Clear();
        return new(bytes);
    }
}
