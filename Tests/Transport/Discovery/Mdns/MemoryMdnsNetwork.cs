using System.Net.Sockets;
using System.Threading.Channels;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Discovery.Mdns;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>A machine with network interfaces that are all on one link.</summary>
/// <param name="lan">The link, by which machines hear each other.</param>
internal sealed class MemoryMdnsNetwork(MemoryLan lan) : IMdnsNetwork
{
    private int _looks;

    /// <summary>Those that are up now.</summary>
    public IReadOnlyList<MdnsInterface> Interfaces { get; set; } = [];

    /// <summary>Why sockets cannot be opened; null: they can.</summary>
    public string? Failure { get; set; }

    /// <summary>Reads a number, growing by one, for each time that was looked.</summary>
    public Channel<int> Looks { get; } = Channel.CreateUnbounded<int>();

    /// <summary>The interfaces by which sockets were opened.</summary>
    public Channel<(string Name, AddressFamily Family)> Opened { get; } = Channel.CreateUnbounded<(string, AddressFamily)>();

    public IReadOnlyList<MdnsInterface> Look()
    {
        Looks.Writer.TryWrite(++_looks);
        return Interfaces;
    }

    public IMdnsSocket Open(MdnsInterface link, AddressFamily family)
    {
        if (Failure is not null)
        {
            throw new SwarmException("mdns_failed", Failure);
        }

        var socket = lan.Open(new(link.Prefixes.First(prefix => prefix.Address.AddressFamily == family).Address, MdnsMessages.Port));
        Opened.Writer.TryWrite((link.Name, family));
        return socket;
    }
}
