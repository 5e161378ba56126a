namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>A peer, and where it may be reached, as somebody says. Immutable.</summary>
internal sealed class KadPeer(PeerId id, IReadOnlyList<Multiaddress> addresses, KadConnection connection = KadConnection.NotConnected)
{
    /// <summary>Of those that are kept; more are left out.</summary>
    public const int MaxAddresses = 8;

    public PeerId Id => id;

    /// <summary>At most <see cref="MaxAddresses"/>.</summary>
    public IReadOnlyList<Multiaddress> Addresses { get; } = addresses.Count <= MaxAddresses ? addresses : [.. addresses.Take(MaxAddresses)];

    public KadConnection Connection => connection;

    /// <summary>Its place.</summary>
    public KadId Place { get; } = KadId.Of(id);

    /// <summary>With the addresses that another one has beside its own.</summary>
    public KadPeer Merge(KadPeer other)
    {
        var all = Addresses.Union(other.Addresses).Take(MaxAddresses).ToList();
        return all.Count == Addresses.Count ? this : new(id, all, connection);
    }

    /// <summary>With those addresses only that can be dialed.</summary>
    public KadPeer Usable()
    {
        var usable = Addresses.Where(IsUsable).ToList();
        return usable.Count == Addresses.Count ? this : new(id, usable, connection);
    }

    public override string ToString() => $"{id} ({Addresses.Count} addresses)";

    private bool IsUsable(Multiaddress address) =>
        address.TcpEndPoint is not null && address.TcpPort != 0 && (address.PeerId is not { } named || named == id);
}
