using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Libp2p.Kad;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Membership.Node;

/// <inheritdoc cref="ISwarm"/>
/// <remarks>
/// <code>
/// discoveries ─▶ DialLoop ─▶ LocalPeer ─▶ MemberLinks ◀─▶ MembershipDriver(MembershipMachine) ─▶ SwarmEventQueue ─▶ Changed
///                   ▲                          │
///                   └───── dials asked for ────┘
/// </code>
/// </remarks>
public sealed class SwarmNode : ISwarm
{
    private readonly SwarmOptions _options;
    private readonly SwarmKeys _keys;
    private readonly LocalPeer _peer;
    private readonly SwarmEventQueue _events;
    private readonly MembershipDriver _driver;
    private readonly DialLoop _dials;
    private readonly MemberLinks _links;
    private readonly DoctorService _doctor;
    private readonly KadService? _dht;
    private readonly PeerCache? _cache;
    private readonly FactsLoop _facts;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _disposal;
    private DiscoveryRuns? _discoveries;
    private Task _telling = Task.CompletedTask;
    private long _gossipNumber;

    private SwarmNode(SwarmOptions options)
    {
        (_options, _keys) = (options, new SwarmKeys(options.Token));
        _peer = new LocalPeer(options.Identity, PeerOptionsOf(options));
        _events = new SwarmEventQueue(options.Logger);
        _events.Happened += Learn;
        _driver = new MembershipDriver(CreateMachine, _events, options.Time, options.Logger);
        _dials = new DialLoop(
            _peer, new DialOptions(), options.Time, options.Logger, Random.Shared.Next(),
            (peer, code) => _driver.Do((machine, now) => machine.DialEnded(peer, code, now)));
        _links = new MemberLinks(_peer, _driver, _dials, _keys, options);
        _doctor = new DoctorService(
            _peer,
            options.Token,
            new() { Limits = options.Limits, Time = options.Time, Logger = options.Logger });
        _dht = options.UsesDht ? new KadService(_peer, _keys.KadProtocolId, CreateKadOptions()) : null;
        _cache = options.PeerCacheFile is { } file ? new PeerCache(file, _keys, options.Logger) : null;
        _facts = new FactsLoop(Measure, facts => _driver.Do((machine, now) => machine.Announce(facts, now)), options.Time, options.Logger);
        _disposal = new(StopAsync);
    }

    public event Action<SwarmEvent>? Changed
    {
        add => _events.Happened += value;
        remove => _events.Happened -= value;
    }

    public PeerId Self => _peer.PeerId;

    public SwarmToken Token => _options.Token.WithBootstrap(
        [.. Addresses.Concat(_options.Token.Bootstrap).Distinct().Take(TokenFormat.MaxBootstrap)]);

    public ILocalPeer Peer => _peer;

    public IReadOnlyList<Multiaddress> Addresses => AnnouncedAddresses.Of(_options.AnnounceAddresses, _peer);

    public IReadOnlyList<SwarmMember> Members =>
    [
        // Not by all sessions: while one is ending, its peer may have another already.
        .. _driver.Members
            .Select(member => member with { RemoteAddress = _peer.Find(member.Id)?.RemoteAddress })
            .OrderByDescending(member => member.IsSelf)
            .ThenBy(member => member.Facts.Name, StringComparer.Ordinal)
            .ThenBy(member => member.Id.ToString(), StringComparer.Ordinal),
    ];

    public IReadOnlyList<AddressTrial> Trials => _dials.Trials;

    /// <summary>Listens, makes this node known, and looks for others from now on.</summary>
    /// <exception cref="SwarmException"><c>listen_failed</c>, <c>invalid_address</c></exception>
    public static async Task<ISwarm> StartAsync(SwarmOptions options, CancellationToken cancellationToken = default)
    {
        var node = new SwarmNode(options);
        try
        {
            await node._peer.StartListenAsync(options.ListenAddresses, cancellationToken);
            node.Begin();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public void Announce() => _facts.Ask();

    /// <summary>Tells the others that this node leaves, as far as they listen, and ends all that runs.</summary>
    public ValueTask DisposeAsync() => new(_disposal.Value);

    private static LocalPeerOptions PeerOptionsOf(SwarmOptions options) => LocalPeerOptions.For(options.Token) with
    {
        Limits = options.Limits,
        Timeouts = options.Timeouts,
        Time = options.Time,
        Logger = options.Logger,
        Meters = options.Meters,
    };

    private MembershipMachine CreateMachine(IMembershipOutput output)
    {
        var codec = new NodeRecordCodec(_options.Identity, _keys.Network);
        var options = new MembershipOptions { Topic = _keys.Topic, VerifiesGossip = GossipSigning.Verify };
        return new(Self, codec, options, _options.Time.GetUtcNow, Compose, Random.Shared.Next(), output);
    }

    private GossipMessage Compose(ReadOnlyMemory<byte> record)
    {
        // Above all numbers of a former life, unless the clock goes back: then the comparison of ledgers brings the record.
        _gossipNumber = Math.Max(_gossipNumber + 1, _options.Time.GetUtcNow().UtcTicks);
        return GossipSigning.Sign(_options.Identity, _keys.Topic, record, (ulong)_gossipNumber);
    }

    /// <summary>Sessions with members are the membership's affair, whoever has opened them.</summary>
    private KadOptions CreateKadOptions()
    {
        var protocolId = MemberLinks.ProtocolIdOf(_keys);
        return new()
        {
            Addresses = () => Addresses,
            NeedsSession = peer => _peer.PeerStore.Find(peer)?.Protocols.Contains(protocolId) == true,
            Time = _options.Time,
            Logger = _options.Logger,
        };
    }

    private NodeFacts Measure() => _options.Facts() with { Addresses = Addresses };

    private void Begin()
    {
        _telling = _facts.RunAsync(_stop.Token);
        _discoveries = new DiscoveryRuns(CreateDiscoveries(), _dials.Hear, _options.Logger);
    }

    private List<IPeerDiscovery> CreateDiscoveries()
    {
        var (time, logger) = (_options.Time, _options.Logger);
        var discoveries = new List<IPeerDiscovery>
        {
            new BootstrapDiscovery([.. _options.Bootstrap, .. _options.Token.Bootstrap], time),
        };
        if (_cache is not null)
        {
            discoveries.Add(new CacheDiscovery(_cache, time));
        }

        if (_options.RegistryFolder is { } folder)
        {
            discoveries.Add(new RegistryDiscovery(folder, _keys.Network, Self, () => _peer.ListenAddresses, time, logger));
        }

        if (_options.MdnsInterfaces is not { Count: 0 })
        {
            var options = new MdnsOptions { Interfaces = _options.MdnsInterfaces, Time = time, Logger = logger };
            discoveries.Add(new MdnsDiscovery(_keys, Self, () => _peer.ListenAddresses, options));
        }

        if (_dht is not null)
        {
            discoveries.Add(new KadDiscovery(_dht, _keys, new() { Time = time, Logger = logger }));
        }

        return discoveries;
    }

    /// <summary>Where members are is remembered, for the next dial and for the next start.</summary>
    private void Learn(SwarmEvent change)
    {
        var member = change.Member;
        switch (change.Kind)
        {
            case SwarmEventKind.Joined or SwarmEventKind.Updated or SwarmEventKind.Returned:
                _peer.PeerStore.AddAddresses(member.Id, member.Facts.Addresses);
                _cache?.Remember(member.Id, member.Facts.Addresses);
                break;
            case SwarmEventKind.Left or SwarmEventKind.Forgotten:
                _cache?.Forget(member.Id);
                break;
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await (_discoveries?.DisposeAsync() ?? default);
        await _telling;
        await _dials.DisposeAsync();
        await _driver.DisposeAsync();
        await _links.DisposeAsync();
        await _doctor.DisposeAsync();
        await (_dht?.DisposeAsync() ?? default);
        await _peer.DisposeAsync();
        await _events.DisposeAsync();
        _stop.Dispose();
    }
}
