using System.Runtime.CompilerServices;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Gossip;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>
/// A swarm in virtual time: machines whose sessions are queues of events, drawn from a seed. Nothing waits, so that an hour of a hundred
/// nodes passes in seconds, and the same seed brings the same.
/// </summary>
internal sealed partial class SimulatedNetwork(SimulationOptions options) : IDisposable
{
    /// <summary>Where virtual wall clocks begin.</summary>
    public static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<SimulatedEvent, (TimeSpan At, long Order)> _queue = new();
    private readonly List<SimulatedNode> _nodes = [];
    private readonly Dictionary<PeerId, SimulatedNode> _byId = [];
    private readonly Random _random = new(options.Seed);
    private long _order;

    public SimulationOptions Options => options;

    public TimeSpan Now { get; private set; }

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>Records that have been read, for all nodes together.</summary>
    public ConditionalWeakTable<byte[], NodeRecord> Records { get; } = [];

    /// <summary>Whether nodes keep what they notice.</summary>
    public bool KeepsEvents { get; init; } = true;

    public long EventCount { get; private set; }

    public SimulatedNode Find(PeerId id) => _byId[id];

    /// <summary>Adds a node that is not running yet.</summary>
    public SimulatedNode Add()
    {
        var node = new SimulatedNode(this, _nodes.Count);
        _nodes.Add(node);
        _byId.Add(node.Id, node);
        return node;
    }

    /// <summary>Does something at a time.</summary>
    public void At(TimeSpan time, Action action) => Enqueue(time, new(SimulatedEventKind.Action, null, action, null));

    /// <summary>Lets time pass.</summary>
    public void RunFor(TimeSpan time)
    {
        var end = Now + time;
        while (_queue.TryPeek(out _, out var next) && next.At <= end)
        {
            var happening = _queue.Dequeue();
            Now = next.At;
            EventCount++;
            Happen(happening);
        }

        Now = end;
    }

    /// <summary>Lets time pass until something holds.</summary>
    /// <returns>How long it took, to a step; null: longer than <paramref name="limit"/>.</returns>
    public TimeSpan? RunUntil(Func<bool> condition, TimeSpan limit, TimeSpan step)
    {
        for (var begin = Now; Now - begin <= limit; RunFor(step))
        {
            if (condition())
            {
                return Now - begin;
            }
        }

        return null;
    }

    public void Send(SimulatedNode from, PeerId to, object message)
    {
        if (!from.Sessions.TryGetValue(to, out var session) || IsCut(from, session.Other(from)))
        {
            return;
        }

        // Drawn in any case, so that with and without losses the rest is the same.
        var isLost = _random.NextDouble() < options.Loss;
        if (!isLost)
        {
            var receiver = session.Other(from);
            Enqueue(session.Arrive(receiver, Now + DrawLatency()), new(SimulatedEventKind.Message, receiver, session, message));
        }
    }

    public void Dispose() => _nodes.ForEach(node => node.Dispose());

    private static bool IsCut(SimulatedNode one, SimulatedNode other) => one.Side != other.Side;

    private TimeSpan DrawLatency() => options.MinLatency + ((options.MaxLatency - options.MinLatency) * _random.NextDouble());

    private void Enqueue(TimeSpan at, SimulatedEvent happening) => _queue.Enqueue(happening, (at, _order++));

    private void Happen(in SimulatedEvent happening)
    {
        if (happening.Kind is SimulatedEventKind.Action)
        {
            ((Action)happening.Subject!)();
            return;
        }

        var node = happening.Node!;
        if (happening.Kind is SimulatedEventKind.Tick)
        {
            Tick(node);
        }
        else if (node.IsPaused)
        {
            node.Deferred.Enqueue(happening);
        }
        else
        {
            Happen(node, happening);
            Schedule(node);
        }
    }

    private void Happen(SimulatedNode node, in SimulatedEvent happening)
    {
        switch (happening.Kind)
        {
            case SimulatedEventKind.Message:
                Deliver(node, (SimulatedSession)happening.Subject!, happening.Message!);
                break;
            case SimulatedEventKind.Dialed:
                Answer((SimulatedDial)happening.Subject!);
                break;
            case SimulatedEventKind.DialEnded:
            case SimulatedEventKind.DialTimeout:
                EndDial((SimulatedDial)happening.Subject!, (string?)happening.Message, happening.Kind is SimulatedEventKind.DialTimeout);
                break;
            case SimulatedEventKind.SessionEnded:
                EndSession(node, (SimulatedSession)happening.Subject!, (string)happening.Message!);
                break;
        }
    }

    private void Deliver(SimulatedNode node, SimulatedSession session, object message)
    {
        if (!node.IsRunning || !session.IsOpenFor(node))
        {
            return;
        }

        var from = session.Other(node).Id;
        if (message is MemberMessage member)
        {
            node.Machine.Receive(from, member, Now);
        }
        else
        {
            node.Machine.ReceiveGossip(from, (GossipRpc)message, Now);
        }
    }

    private void Tick(SimulatedNode node)
    {
        if (node.ScheduledTick != Now || !node.IsRunning || node.IsPaused)
        {
            return;
        }

        node.ScheduledTick = TimeSpan.MaxValue;
        node.Machine.Tick(Now);
        Schedule(node);
    }

    private void Schedule(SimulatedNode node)
    {
        var next = node.IsRunning ? node.Machine.NextTick : TimeSpan.MaxValue;
        next = next > Now ? next : Now;
        if (next < node.ScheduledTick)
        {
            node.ScheduledTick = next;
            Enqueue(next, new(SimulatedEventKind.Tick, node, null, null));
        }
    }
}
