namespace ManagedSwarm.Transport.Libp2p.Identify;

/// <summary>
/// What a peer has said about itself: answers, and what it has pushed. Either may overtake the other on its way; what was pushed while an answer
/// was awaited stays, as whatever changes is pushed. Safe for use by many threads.
/// </summary>
/// <param name="changed">Told what is known by now, in its order. Must not wait.</param>
internal sealed class PeerSayings(Action<PeerInfo> changed)
{
    private readonly Lock _gate = new();
    private volatile PeerInfo? _known;
    private int _pushes;

    /// <summary>All that is known; null: it has said nothing yet.</summary>
    public PeerInfo? Known => _known;

    /// <summary>It is about to be asked.</summary>
    /// <returns>What goes with the answer.</returns>
    public int Ask()
    {
        lock (_gate)
        {
            return _pushes;
        }
    }

    /// <summary>It has answered.</summary>
    /// <param name="said">What.</param>
    /// <param name="asked">What <see cref="Ask"/> returned.</param>
    public void Answer(PeerInfo said, int asked)
    {
        lock (_gate)
        {
            Learn(_known is { } known && _pushes != asked ? Merge(said, known) : said);
        }
    }

    /// <summary>It has pushed something.</summary>
    public void Push(PeerInfo said)
    {
        lock (_gate)
        {
            _pushes++;
            Learn(Merge(_known, said));
        }
    }

    /// <summary>A push need not name what has not changed.</summary>
    private static PeerInfo Merge(PeerInfo? known, PeerInfo said) => known is null ? said : said with
    {
        Addresses = said.Addresses.Count > 0 ? said.Addresses : known.Addresses,
        Protocols = said.Protocols.Count > 0 ? said.Protocols : known.Protocols,
        AgentVersion = said.AgentVersion ?? known.AgentVersion,
        ProtocolVersion = said.ProtocolVersion ?? known.ProtocolVersion,
        ObservedAddress = said.ObservedAddress ?? known.ObservedAddress,
    };

    private void Learn(PeerInfo info)
    {
        _known = info;
        changed(info);
    }
}
