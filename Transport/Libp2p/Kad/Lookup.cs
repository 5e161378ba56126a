namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// Finds the peers closest to a place by asking those that are known for closer ones, again and again
/// (https://github.com/libp2p/specs/blob/master/kad-dht/README.md, "Peer routing"). It ends when the k closest of those that live have
/// answered. Pure; one thread at a time: the caller sends the requests, and says what comes of them.
/// </summary>
internal sealed class Lookup
{
    private readonly KadId _target;
    private readonly PeerId _self;
    private readonly LookupOptions _options;

    // By distance, the closest first. Those that failed are in neither.
    private readonly SortedList<KadId, Candidate> _candidates = [];
    private readonly HashSet<PeerId> _failed = [];
    private readonly Dictionary<PeerId, int> _bogus = [];
    private int _underWay;

    /// <param name="target">The place.</param>
    /// <param name="self">This node: it is not asked.</param>
    /// <param name="options">How it goes.</param>
    /// <param name="seeds">Those that are asked first.</param>
    public Lookup(KadId target, PeerId self, LookupOptions options, IEnumerable<KadPeer> seeds)
    {
        (_target, _self, _options) = (target, self, options);
        foreach (var seed in seeds)
        {
            Add(seed, null);
        }
    }

    private enum State
    {
        Waiting,
        Asked,
        Answered,
    }

    /// <summary>Requests so far.</summary>
    public int Requests { get; private set; }

    /// <summary>Nothing that is still under way could change the outcome, or no more may be asked.</summary>
    public bool IsComplete =>
        Nearest.All(candidate => candidate.State == State.Answered) || (_underWay == 0 && (Requests >= _options.MaxRequests || FindNext() is null));

    /// <summary>The k closest of those that have answered, the closest first.</summary>
    public IReadOnlyList<KadPeer> Closest =>
        [.. _candidates.Values.Where(candidate => candidate.State == State.Answered).Select(candidate => candidate.Peer).Take(_options.Closest)];

    private IEnumerable<Candidate> Nearest => _candidates.Values.Take(_options.Closest);

    /// <summary>Peers to be asked now. Each is then reported by <see cref="Answer"/> or <see cref="Fail"/>, once.</summary>
    public IReadOnlyList<KadPeer> Next()
    {
        List<KadPeer> next = [];
        while (_underWay < _options.Parallelism && Requests < _options.MaxRequests && FindNext() is { } candidate)
        {
            candidate.State = State.Asked;
            _underWay++;
            Requests++;
            next.Add(candidate.Peer);
        }

        return next;
    }

    /// <summary>A peer has answered.</summary>
    /// <param name="from">Who.</param>
    /// <param name="closer">Those that it names; no more of them count than were asked for.</param>
    public void Answer(KadPeer from, IReadOnlyList<KadPeer> closer)
    {
        _underWay--;
        if (_candidates.TryGetValue(from.Place.DistanceTo(_target), out var candidate))
        {
            candidate.State = State.Answered;
        }

        foreach (var peer in closer.Take(_options.Closest))
        {
            Add(peer, from.Id);
        }
    }

    /// <summary>A peer has not answered, or with nonsense.</summary>
    public void Fail(KadPeer from)
    {
        _underWay--;
        _failed.Add(from.Id);
        if (_candidates.Remove(from.Place.DistanceTo(_target), out var candidate) && candidate.NamedBy is { } liar)
        {
            Blame(liar);
        }
    }

    private Candidate? FindNext() => Nearest.FirstOrDefault(candidate => candidate.State == State.Waiting);

    private void Add(KadPeer peer, PeerId? namedBy)
    {
        if (peer.Id == _self || _failed.Contains(peer.Id) || (namedBy is not null && IsLiar(namedBy)))
        {
            return;
        }

        var distance = peer.Place.DistanceTo(_target);
        if (_candidates.TryGetValue(distance, out var known))
        {
            known.Name(peer, namedBy);
            return;
        }

        _candidates.Add(distance, new Candidate(peer, namedBy));
        if (_candidates.Count > _options.MaxCandidates)
        {
            DropFarthest();
        }
    }

    private void DropFarthest()
    {
        for (var i = _candidates.Count - 1; i >= 0; i--)
        {
            if (_candidates.Values[i].State == State.Waiting)
            {
                _candidates.RemoveAt(i);
                return;
            }
        }
    }

    private bool IsLiar(PeerId peer) => _bogus.GetValueOrDefault(peer) >= _options.MaxBogus;

    private void Blame(PeerId peer)
    {
        _bogus[peer] = _bogus.GetValueOrDefault(peer) + 1;
        if (!IsLiar(peer))
        {
            return;
        }

        for (var i = _candidates.Count - 1; i >= 0; i--)
        {
            if (_candidates.Values[i] is { State: State.Waiting } candidate && candidate.NamedBy == peer)
            {
                _candidates.RemoveAt(i);
            }
        }
    }

    private sealed class Candidate(KadPeer peer, PeerId? namedBy)
    {
        public KadPeer Peer { get; private set; } = peer;

        /// <summary>The only one that has named it; null: it was known, or several have.</summary>
        public PeerId? NamedBy { get; private set; } = namedBy;

        public State State { get; set; }

        /// <summary>Another one names it too.</summary>
        public void Name(KadPeer same, PeerId? by)
        {
            if (by != NamedBy)
            {
                NamedBy = null;
            }

            if (State == State.Waiting)
            {
                Peer = Peer.Merge(same);
            }
        }
    }
}
