using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Federation;

/// <summary>
/// The instances of the swarm, as their records say, and what this router has sent them. To choose one and to count it is one thing, so a burst
/// does not go to the same one. Safe for use by many threads.
/// </summary>
internal sealed class PeerTable : IDisposable
{
    /// <summary>No event tells what this node says of itself, a model that it has loaded before all: so old may that be.</summary>
    public static readonly TimeSpan OwnFactsAge = TimeSpan.FromMilliseconds(250);

    /// <summary>Records come one by one: whoever shows up so soon behind this router's first look was there before it, as far as it can tell.</summary>
    public static readonly TimeSpan Acquaintance = TimeSpan.FromSeconds(5);

    // An instance that has just come gets a tenth of its share.
    private const double FirstShare = 0.1;

    private readonly SwarmService _swarm;
    private readonly RouterOptions _options;
    private readonly IRoutePolicy _policy;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, RoutedPeer> _peers = [];
    private readonly KnownModels _models;
    private IReadOnlyList<RoutedModel>? _list;
    private volatile bool _isStale = true;
    private long _refreshed;
    private long _met;
    private long _turns;

    public PeerTable(SwarmService swarm, RouterOptions options, IRoutePolicy policy, TimeProvider time)
    {
        (_swarm, _options, _policy, _time) = (swarm, options, policy, time);
        _models = new(options.RememberModels, time);
        swarm.Happened += OnHappened;
        swarm.Switched += OnSwitched;
    }

    /// <summary>The models that instances have now, by their ids.</summary>
    public IReadOnlyList<RoutedModel> Models
    {
        get
        {
            lock (_gate)
            {
                Refresh();
                return _list ??=
                [
                    .. Present().SelectMany(peer => peer.Member.Facts.Models.Select(model => (Model: model.Id, Peer: peer)))
                        .GroupBy(one => one.Model, StringComparer.Ordinal)
                        .OrderBy(group => group.Key, StringComparer.Ordinal)
                        .Select(group => new RoutedModel(
                            group.Key, _models.Since(group.Key), [.. group.Select(one => new RoutedNode(one.Peer.Id, one.Peer.Member.Facts.Name))])),
                ];
            }
        }
    }

    /// <summary>The instances, for those who watch.</summary>
    public IReadOnlyList<PeerFigures> Figures
    {
        get
        {
            lock (_gate)
            {
                Refresh();
                return
                [
                    .. Present().Select(peer => new PeerFigures(
                        peer.Id, peer.Member.Facts.Name, peer.InFlight, peer.Member.Facts.Load.Queued, peer.Breaker.IsOpen)),
                ];
            }
        }
    }

    /// <summary>Whether a model was there lately, or there is no instance that could say so: then it may come.</summary>
    public bool MayCome(string model)
    {
        lock (_gate)
        {
            Refresh();
            return _models.Has(model) || !Present().Any();
        }
    }

    /// <summary>Chooses who gets a request, and counts it there.</summary>
    /// <param name="request">Which.</param>
    /// <param name="tried">Who is not to have it.</param>
    /// <param name="willDo">Whose model will do, of those that have the one of its name; null: all.</param>
    /// <returns>Null: nobody can have it now.</returns>
    public RouteLease? TryBegin(RouteRequest request, IReadOnlySet<PeerId> tried, Func<ModelFacts, bool>? willDo = null)
    {
        lock (_gate)
        {
            Refresh();
            var able = Present()
                .Where(peer => !tried.Contains(peer.Id) && peer.Breaker.CanTry)
                .Where(peer => peer.Find(request.Model) is { } model && (willDo?.Invoke(model) ?? true))
                .ToList();

            // Who may be gone is the last choice.
            var alive = able.Where(peer => peer.Member.State == MemberState.Alive).ToList();
            var candidates = Candidates(alive.Count > 0 ? alive : able);
            if (candidates.Count == 0 || _policy.Choose(request, candidates) is not { } chosen)
            {
                return null;
            }

            _policy.Sent(request, chosen);
            var peer = _peers[chosen.Id];
            peer.Breaker.Begin();
            peer.InFlight++;
            peer.LastTurn = ++_turns;
            return new(this, peer, peer.Find(request.Model)!, isLast: able.Count == 1, _time);
        }
    }

    /// <summary>A request's reply is over.</summary>
    /// <param name="peer">Where it was.</param>
    /// <param name="outcome">What became of it.</param>
    public void End(RoutedPeer peer, RouteOutcome outcome)
    {
        lock (_gate)
        {
            peer.InFlight--;
            switch (outcome)
            {
                case RouteOutcome.Cancelled:
                    peer.Breaker.Abandoned();
                    break;
                case RouteOutcome.Answered:
                    peer.Breaker.Succeeded();
                    break;
                case RouteOutcome.Erred:
                    peer.Breaker.Erred();
                    break;
                default:
                    peer.Breaker.Failed();
                    break;
            }
        }
    }

    public void Dispose()
    {
        _swarm.Happened -= OnHappened;
        _swarm.Switched -= OnSwitched;
    }

    private IEnumerable<RoutedPeer> Present() => _peers.Values.Where(peer => peer.IsThere);

    private List<Candidate> Candidates(List<RoutedPeer> peers)
    {
        var known = peers.Select(peer => peer.Member.Facts.Load.TokensPerSecond).Where(speed => speed > 0).ToList();
        var mean = known.Count > 0 ? known.Average() : 1;
        var usual = SpeedClass.Of(mean);
        return
        [
            .. peers.OrderBy(peer => peer.Id.ToString(), StringComparer.Ordinal).Select(peer => new Candidate(
                peer.Id,
                peer.Member.Facts.Name,
                peer.Load,
                (peer.Member.Facts.Load.TokensPerSecond is > 0 and var speed ? speed / mean : 1) * ShareOf(peer),
                peer.LastTurn)
            {
                Class = peer.Class ?? usual,
            }),
        ];
    }

    /// <summary>Its caches are cold, and nobody knows yet what it can do. Those that were there before this router are new to it alone.</summary>
    private double ShareOf(RoutedPeer peer)
    {
        var age = peer.Since is { } since ? _time.GetElapsedTime(since) : _options.SlowStart;
        return age >= _options.SlowStart ? 1 : FirstShare + ((1 - FirstShare) * (age / _options.SlowStart));
    }

    private void Refresh()
    {
        if (!_isStale && _time.GetElapsedTime(_refreshed) < OwnFactsAge)
        {
            return;
        }

        (_isStale, _list, _refreshed) = (false, null, _time.GetTimestamp());
        var members = _swarm.Current?.Members ?? [];
        if (_peers.Count == 0)
        {
            _met = _refreshed;
        }

        var isFirst = _time.GetElapsedTime(_met) < Acquaintance;
        foreach (var member in members)
        {
            if (_peers.TryGetValue(member.Id, out var known) && known.IsThere)
            {
                known.Hear(member);
            }
            else
            {
                // Whoever returns is new.
                _peers[member.Id] = new RoutedPeer(member, new(_options.Breaker, _time), isFirst ? null : _time.GetTimestamp());
            }
        }

        foreach (var gone in _peers.Keys.Except(members.Select(member => member.Id)).ToList())
        {
            _peers.Remove(gone);
        }

        _models.Note(Present().SelectMany(peer => peer.Member.Facts.Models).Select(model => model.Id));
    }

    private void OnHappened(SwarmEvent change)
    {
        _isStale = true;
        if (change.Member.Facts.Roles.Contains(NodeRole.Instance))
        {
            lock (_gate)
            {
                _models.Note(change.Member.Facts.Models.Select(model => model.Id));
            }
        }
    }

    private void OnSwitched() => _isStale = true;
}
