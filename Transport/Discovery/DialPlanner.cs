using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// Decides which address is dialed next, out of rumours and of requests: a state machine without I/O, one call at a time. Time is since any
/// fixed start, on a monotonic clock; the same seed gives the same pauses.
/// </summary>
/// <remarks>
/// A rumour is dialed while there are few sessions, and an address that the user has named until it has worked once; a request is dialed
/// always. No address is dialed twice at once; one peer's addresses follow each other, the next one as soon as one has failed or
/// <see cref="DialOptions.Stagger"/> is over; what is under way is given up when the peer is there. An address that fails is left alone for a
/// pause that doubles each time. Addresses of connected peers and of this node are not dialed.
/// <para>
/// Addresses are dialed without <c>/p2p/ID</c>: who answers is a member in any case, and worth to be known even where somebody else was
/// expected.
/// </para>
/// </remarks>
internal sealed class DialPlanner(PeerId self, DialOptions options, int seed, IDialOutput output)
{
    private readonly Random _random = new(seed);
    private readonly CandidateTable _table = new(options);
    private readonly TrialLog _trials = new(options.Trials);
    private readonly Dictionary<PeerId, TimeSpan> _connected = [];
    private readonly Dictionary<PeerId, string?> _requests = [];
    private int _dials;

    /// <summary>What came of each address last, the newest first.</summary>
    public IReadOnlyList<AddressTrial> Trials => _trials.All;

    /// <summary>When <see cref="Tick"/> has something to do; <see cref="TimeSpan.MaxValue"/>: not before something is heard.</summary>
    public TimeSpan NextTick { get; private set; } = TimeSpan.MaxValue;

    /// <summary>Somebody has heard of a node.</summary>
    public void Hear(DiscoveredPeer peer, TimeSpan now)
    {
        Add(peer.Source, peer.Id, peer.Addresses, now);
        Tick(now);
    }

    /// <summary>A session with a peer is wanted. That it is over is told by <see cref="IDialOutput.RequestEnded"/>, maybe within this call.</summary>
    /// <param name="peer">Whom with.</param>
    /// <param name="addresses">Where it may be, beside what is known.</param>
    /// <param name="now">The time.</param>
    public void Request(PeerId peer, IReadOnlyList<Multiaddress> addresses, TimeSpan now)
    {
        if (peer == self || _connected.ContainsKey(peer))
        {
            output.RequestEnded(peer, peer == self ? "dialed_self" : null);
            return;
        }

        Add(DiscoverySource.Member, peer, addresses, now);
        _requests[peer] = "unknown_peer";
        foreach (var candidate in _table.Of(peer))
        {
            candidate.IsRequested = true;
            if (candidate.Started > TimeSpan.MinValue)
            {
                // Whoever asks too often gets what was found out just now.
                var soonest = candidate.Started + options.FirstPause;
                candidate.Due = soonest < candidate.Due ? soonest : candidate.Due;
            }
        }

        EndRequest(peer);
        Tick(now);
    }

    /// <summary>There is a session with a peer.</summary>
    public void Connected(PeerId peer, TimeSpan now)
    {
        _connected.TryAdd(peer, now);
        foreach (var candidate in _table.Of(peer))
        {
            candidate.IsRequested = false;
            if (candidate.Attempt is { } attempt)
            {
                output.GiveUp(attempt);
            }
        }

        if (_requests.Remove(peer))
        {
            output.RequestEnded(peer, null);
        }

        Tick(now);
    }

    /// <summary>The session with a peer is over.</summary>
    public void Disconnected(PeerId peer, TimeSpan now)
    {
        if (_connected.Remove(peer, out var since))
        {
            foreach (var candidate in _table.Of(peer))
            {
                // Whoever hangs up at once does not want to be dialed at once.
                candidate.Failures = now - since < options.ShortSession ? candidate.Failures + 1 : 0;
                candidate.Due = now + Pause(candidate);
            }
        }

        Tick(now);
    }

    /// <summary>A dial has ended.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="answered">Who is there; null: nobody that may be dialed.</param>
    /// <param name="failure">Null: it worked, or was given up; else why not.</param>
    /// <param name="now">The time.</param>
    /// <param name="at">The wall clock, for people.</param>
    public void Ended(DialAttempt attempt, PeerId? answered, SwarmException? failure, TimeSpan now, DateTimeOffset at)
    {
        _dials--;
        if (_table.All.FirstOrDefault(candidate => candidate.Attempt == attempt) is { } candidate)
        {
            candidate.Attempt = null;
            Learn(candidate, answered, failure, now, at);
        }

        Tick(now);
    }

    /// <summary>Dials what is due.</summary>
    public void Tick(TimeSpan now)
    {
        NextTick = TimeSpan.MaxValue;
        var waiting = _table.All.Where(MayBeDialed).OrderBy(candidate => candidate.Rank).ThenBy(candidate => candidate.Failures).ToList();
        foreach (var candidate in waiting)
        {
            var due = DueTime(candidate);
            if (due > now || _dials >= options.Dials)
            {
                // At the limit, the end of a dial is what is waited for.
                NextTick = due > now && due < NextTick ? due : NextTick;
            }
            else if (candidate.IsRequested || IsWantedRumour(candidate))
            {
                Start(candidate, now);
            }
        }
    }

    private void Add(string source, PeerId? peer, IReadOnlyList<Multiaddress> addresses, TimeSpan now)
    {
        foreach (var address in addresses.Take(options.AddressesPerPeer))
        {
            var named = peer ?? address.PeerId;
            if (named != self && (address.PeerId ?? named) == named)
            {
                _table.Add(address.WithoutPeerId(), named, source, now);
            }
        }
    }

    private bool MayBeDialed(DialCandidate candidate) =>
        candidate.Attempt is null && (candidate.Peer is null || (candidate.Peer != self && !_connected.ContainsKey(candidate.Peer)));

    private bool IsWantedRumour(DialCandidate candidate) =>
        _connected.Count + _dials < options.WantedSessions || (candidate is { Source: DiscoverySource.Bootstrap, HasWorked: false });

    /// <summary>When an address is due, the other dials to the same place and to the same peer considered.</summary>
    private TimeSpan DueTime(DialCandidate candidate)
    {
        var due = candidate.Due;
        foreach (var other in _table.All.Where(other => other.Attempt is not null))
        {
            if (other.Address == candidate.Address)
            {
                return TimeSpan.MaxValue;
            }

            if (candidate.Peer is not null && other.Peer == candidate.Peer && other.Started + options.Stagger > due)
            {
                due = other.Started + options.Stagger;
            }
        }

        return due;
    }

    private void Start(DialCandidate candidate, TimeSpan now)
    {
        candidate.Attempt = new(candidate.Address, candidate.Peer, candidate.Source);
        candidate.Started = now;
        _dials++;
        output.Dial(candidate.Attempt);
    }

    private void Learn(DialCandidate candidate, PeerId? answered, SwarmException? failure, TimeSpan now, DateTimeOffset at)
    {
        if (candidate.Peer is null && (failure?.Code == "dialed_self" ? self : answered) is { } there)
        {
            _table.Learn(candidate, there);
        }

        if (answered is not null && answered != candidate.Peer)
        {
            failure = new("wrong_peer", $"{candidate.Peer} was dialed, but {answered} answers there.");
            _table.Add(candidate.Address, answered, candidate.Source, now)?.HasWorked = true;
        }

        if (answered is not null || failure is not null)
        {
            _trials.Add(new(TextAddress(candidate), candidate.Source, at, failure?.Code, failure?.Message));
        }

        candidate.HasWorked |= answered is not null && failure is null;
        candidate.IsRequested &= failure is null;
        candidate.Failures += failure is null ? 0 : 1;
        candidate.Due = now + Pause(candidate);
        if (candidate.Peer is { } peer && failure is not null && _requests.ContainsKey(peer))
        {
            _requests[peer] = failure.Code;
            EndRequest(peer);
        }
    }

    /// <summary>Ends a request when none of the peer's addresses is left to try.</summary>
    private void EndRequest(PeerId peer)
    {
        if (!_table.Of(peer).Any(candidate => candidate.IsRequested || candidate.Attempt is not null) && _requests.Remove(peer, out var code))
        {
            output.RequestEnded(peer, code);
        }
    }

    private TimeSpan Pause(DialCandidate candidate)
    {
        if (candidate.Failures == 0)
        {
            return options.FirstPause * _random.NextDouble();
        }

        var longest = candidate.Source == DiscoverySource.Registry ? options.LongestLocalPause : options.LongestPause;
        var pause = Math.Min(options.FirstPause.TotalSeconds * Math.Pow(2, Math.Min(candidate.Failures - 1, 30)), longest.TotalSeconds);
        return TimeSpan.FromSeconds(pause * (1 + (options.Jitter * ((2 * _random.NextDouble()) - 1))));
    }

    private static Multiaddress TextAddress(DialCandidate candidate) =>
        candidate.Peer is { } peer ? candidate.Address.WithPeerId(peer) : candidate.Address;
}
