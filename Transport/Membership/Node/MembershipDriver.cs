using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership.Messages;
using Microsoft.Extensions.Logging;

namespace ManagedSwarm.Transport.Membership.Node;

/// <summary>
/// Gives a <see cref="MembershipMachine"/> the time, real streams and dials. Safe for use by many threads: one is in the machine at a time,
/// and what is not done at once is done behind that.
/// </summary>
internal sealed class MembershipDriver : IMembershipOutput, IAsyncDisposable
{
    // Peers and reasons that the log has told of.
    private const int MaxRefused = 1024;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly ITimer _timer;
    private readonly MembershipMachine _machine;
    private readonly SwarmEventQueue _events;
    private readonly List<PeerId> _toDial = [];
    private readonly List<PeerId> _toDisconnect = [];
    private readonly HashSet<(PeerId From, string Code)> _refused = [];
    private MemberLinks? _links;
    private bool _isOver;

    /// <param name="create">Makes the machine, whose output this is.</param>
    /// <param name="events">Hears of members.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Hears what is refused.</param>
    public MembershipDriver(Func<IMembershipOutput, MembershipMachine> create, SwarmEventQueue events, TimeProvider time, ILogger logger)
    {
        (_time, _logger, _events, _start) = (time, logger, events, time.GetTimestamp());
        _machine = create(this);
        _timer = time.CreateTimer(_ => Do((machine, now) => machine.Tick(now)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>All members that are known, this node among them once it has announced itself.</summary>
    public IReadOnlyList<SwarmMember> Members
    {
        get
        {
            lock (_gate)
            {
                return [.. _machine.Members];
            }
        }
    }

    /// <summary>From now on, it can send and dial. Before, nothing comes in.</summary>
    public void Use(MemberLinks links) => _links = links;

    /// <summary>Tells the machine something, and does what it says then.</summary>
    public void Do(Action<MembershipMachine, TimeSpan> tell)
    {
        (PeerId Peer, IReadOnlyList<Multiaddress> Addresses)[] toDial;
        PeerId[] toDisconnect;
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            tell(_machine, _time.GetElapsedTime(_start));
            toDial = [.. _toDial.Select(peer => (peer, _machine.Ledger.Find(peer)?.Facts.Addresses ?? []))];
            toDisconnect = [.. _toDisconnect];
            _toDial.Clear();
            _toDisconnect.Clear();
            SetTimer();
        }

        foreach (var (peer, addresses) in toDial)
        {
            _links?.Dial(peer, addresses);
        }

        foreach (var peer in toDisconnect)
        {
            _links?.Disconnect(peer);
        }
    }

    /// <summary>Leaves the swarm: what the machine has to say is in the streams' queues afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        Do((machine, now) => machine.Leave(now));
        lock (_gate)
        {
            _isOver = true;
        }

        await _timer.DisposeAsync();
    }

    void IMembershipOutput.Send(PeerId to, MemberMessage message) => _links?.Send(to, message);

    void IMembershipOutput.SendGossip(PeerId to, GossipRpc rpc) => _links?.SendGossip(to, rpc);

    void IMembershipOutput.Dial(PeerId peer) => _toDial.Add(peer);

    void IMembershipOutput.Disconnect(PeerId peer) => _toDisconnect.Add(peer);

    void IMembershipOutput.Changed(SwarmEventKind kind, SwarmMember member)
    {
        TransportLog.MemberChanged(_logger, kind, member.Facts.Name, member.Id);
        _events.Add(new SwarmEvent(kind, member, _time.GetUtcNow()));
    }

    void IMembershipOutput.Refused(PeerId from, string code, string reason)
    {
        // Once: whoever floods this node does not flood its log.
        if (_refused.Count < MaxRefused && _refused.Add((from, code)))
        {
            TransportLog.MemberRefused(_logger, from, code, reason);
        }
    }

    private void SetTimer()
    {
        var next = _machine.NextTick;
        var wait = next == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : next - _time.GetElapsedTime(_start);
        _timer.Change(wait < TimeSpan.Zero && wait != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : wait, Timeout.InfiniteTimeSpan);
    }
}
