namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>The connections with one peer, while there is one at least. Which of them is the main one is said by <see cref="LinkTable{TLink}"/>.</summary>
internal sealed class LinkGroup<TLink>(PeerId peer, TLink main, long established)
    where TLink : class, ILink
{
    private readonly List<TLink> _links = [main];

    public PeerId Peer { get; } = peer;

    /// <summary>The connection that new streams take.</summary>
    public TLink Main { get; private set; } = main;

    /// <summary>When the main one came: a time stamp of the clock.</summary>
    public long Established { get; private set; } = established;

    /// <summary>All of them, the oldest first.</summary>
    public IReadOnlyList<TLink> Links => _links;

    public void Add(TLink link) => _links.Add(link);

    /// <summary>Removes one; if it was the main one, the youngest that is left takes its place.</summary>
    public bool Remove(TLink link, long now)
    {
        var found = _links.Remove(link);
        if (found && link == Main && _links.Count > 0)
        {
            SetMain(_links[^1], now);
        }

        return found;
    }

    public void SetMain(TLink link, long now) => (Main, Established) = (link, now);
}
