namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>
/// Which connection with a peer is the main one, where there are several: a state machine without I/O, one call at a time.
/// </summary>
/// <remarks>
/// Both sides must come to the same result without asking each other. Two connections of the same dialer: the later one, for nobody dials
/// whom he has a session with; the earlier one is about to be found dead. Two of different dialers that came within the time that a dial
/// may take: both sides have dialed each other at once, and the connection stays that the peer with the lesser id has dialed (its bytes
/// compared as numbers). Later than that, whoever dials has lost the earlier connection: the later one stays.
/// <para>
/// Only the dialer closes a connection that is not the main one. So, should both sides ever differ in which one that is, too many stay and
/// not too few.
/// </para>
/// </remarks>
/// <param name="self">Who this side is.</param>
/// <param name="dialTime">How long a dial may take, from the look for a session to the end of the handshake.</param>
/// <param name="time">The clock.</param>
internal sealed class LinkTable<TLink>(PeerId self, TimeSpan dialTime, TimeProvider time)
    where TLink : class, ILink
{
    /// <summary>Connections with one peer: two dials at once, a dead one, and one to spare.</summary>
    public const int MaxLinks = 4;

    private readonly Dictionary<PeerId, LinkGroup<TLink>> _groups = [];

    public IReadOnlyCollection<LinkGroup<TLink>> Groups => _groups.Values;

    /// <summary>The connections with a peer; null: there is none that is open.</summary>
    public LinkGroup<TLink>? Find(PeerId peer) =>
        _groups.GetValueOrDefault(peer) is { } group && group.Links.Any(link => link.IsOpen) ? group : null;

    /// <summary>A connection is ready.</summary>
    /// <returns>The peer's connections, or why this one is refused.</returns>
    public LinkAddition<TLink> Add(TLink link)
    {
        var now = time.GetTimestamp();
        if (Find(link.RemotePeer) is not { } group)
        {
            // Connections that are ending are not of this group: what was agreed on with them has ended, too.
            group = _groups[link.RemotePeer] = new(link.RemotePeer, link, now);
            return new(group, IsNew: true, Spare: null);
        }

        if (group.Links.Count >= MaxLinks)
        {
            return new(null, IsNew: false, Spare: null);
        }

        group.Add(link);
        var main = group.Main;
        if (!IsBetter(link, group, now))
        {
            return new(group, IsNew: false, Spare: link);
        }

        group.SetMain(link, now);
        return new(group, IsNew: false, Spare: main);
    }

    /// <summary>A connection has ended.</summary>
    /// <returns>Whether it was the last one of its group.</returns>
    public bool Remove(LinkGroup<TLink> group, TLink link)
    {
        if (!group.Remove(link, time.GetTimestamp()) || group.Links.Count > 0)
        {
            return false;
        }

        if (_groups.GetValueOrDefault(group.Peer) == group)
        {
            _groups.Remove(group.Peer);
        }

        return true;
    }

    private bool IsBetter(TLink link, LinkGroup<TLink> group, long now) =>
        !group.Main.IsOpen
        || link.IsDialer == group.Main.IsDialer
        || time.GetElapsedTime(group.Established, now) > dialTime
        || link.IsDialer == self.Bytes.Span.SequenceCompareTo(link.RemotePeer.Bytes.Span) < 0;
}
