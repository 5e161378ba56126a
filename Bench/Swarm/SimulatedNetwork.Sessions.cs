using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Swarm;

/// <summary>How nodes come, meet, part and go.</summary>
internal sealed partial class SimulatedNetwork
{
    /// <summary>Starts a node, which dials others that it has heard of.</summary>
    public void Start(SimulatedNode node, params IEnumerable<SimulatedNode> known)
    {
        if (node.Life > 0 || node.Sessions.Count > 0)
        {
            node.Sessions.Clear();
        }

        node.Restart();
        (node.IsRunning, node.IsPaused) = (true, false);
        node.Deferred.Clear();
        node.Machine.Announce(node.Facts, Now);
        Schedule(node);
        foreach (var other in known)
        {
            Dial(node, other);
        }
    }

    /// <summary>Ends a process: its sessions are reset, and it refuses dials.</summary>
    public void Kill(SimulatedNode node)
    {
        node.IsRunning = false;
        foreach (var session in node.Sessions.Values)
        {
            session.CloseFor(node);
            if (!IsCut(node, session.Other(node)))
            {
                NotifyEnd(session.Other(node), session, "stream_reset");
            }
        }

        node.Sessions.Clear();
    }

    /// <summary>A node says that it leaves, and ends.</summary>
    public void Leave(SimulatedNode node)
    {
        node.Machine.Leave(Now);
        Kill(node);
    }

    /// <summary>Stops a process: its sessions stay open, dials reach it, and nothing answers.</summary>
    public static void Pause(SimulatedNode node) => node.IsPaused = true;

    /// <summary>It goes on; what has come in the meantime comes to it now.</summary>
    public void Resume(SimulatedNode node)
    {
        node.IsPaused = false;
        while (node.Deferred.TryDequeue(out var happening))
        {
            Enqueue(Now, happening);
        }

        node.ScheduledTick = TimeSpan.MaxValue;
        Schedule(node);
    }

    /// <summary>Cuts the network: nodes of different sides do not hear each other any more, and find out by waiting.</summary>
    public void Split(Func<SimulatedNode, int> side)
    {
        foreach (var node in _nodes)
        {
            node.Side = side(node);
        }

        foreach (var (node, session) in _nodes.SelectMany(node => node.Sessions.Values.Select(session => (node, session))))
        {
            if (IsCut(node, session.Other(node)))
            {
                session.CutSince ??= Now;
                Enqueue(Now + options.SessionTimeout, new(SimulatedEventKind.SessionEnded, node, session, "keepalive_timeout"));
            }
            else
            {
                session.CutSince = null;
            }
        }
    }

    public void Heal() => Split(_ => 0);

    /// <summary>A machine dials; where there is no such node, that fails at once.</summary>
    public void Dial(SimulatedNode by, PeerId peer)
    {
        if (_byId.TryGetValue(peer, out var target))
        {
            Dial(by, target);
            return;
        }

        At(Now, () =>
        {
            by.Machine.DialEnded(peer, "no_address", Now);
            Schedule(by);
        });
    }

    public void Dial(SimulatedNode by, SimulatedNode target)
    {
        var dial = new SimulatedDial(by, target);
        if (by.Sessions.ContainsKey(target.Id))
        {
            Enqueue(Now, new(SimulatedEventKind.DialEnded, by, dial, null));
            return;
        }

        Enqueue(Now + options.DialTimeout, new(SimulatedEventKind.DialTimeout, by, dial, "dial_timeout"));
        if (!IsCut(by, target))
        {
            Enqueue(Now + DrawLatency(), new(SimulatedEventKind.Dialed, target, dial, null));
        }
    }

    public void Disconnect(SimulatedNode node, PeerId peer)
    {
        if (node.Sessions.TryGetValue(peer, out var session))
        {
            // Not within the call that asks for it.
            Enqueue(Now, new(SimulatedEventKind.SessionEnded, node, session, "closed"));
            NotifyEnd(session.Other(node), session, "closed");
        }
    }

    private void NotifyEnd(SimulatedNode node, SimulatedSession session, string code) =>
        Enqueue(session.Arrive(node, Now + DrawLatency()), new(SimulatedEventKind.SessionEnded, node, session, code));

    private void EndSession(SimulatedNode node, SimulatedSession session, string code)
    {
        var isHealed = code == "keepalive_timeout" && !(session.CutSince + options.SessionTimeout <= Now);
        if (isHealed || !session.IsOpenFor(node))
        {
            return;
        }

        session.CloseFor(node);
        if (node.IsRunning && node.Sessions.GetValueOrDefault(session.Other(node).Id) == session)
        {
            node.Sessions.Remove(session.Other(node).Id);
            node.Machine.Disconnected(session.Other(node).Id, code, Now);
        }
    }

    private void Answer(SimulatedDial dial)
    {
        var (by, target) = (dial.By, dial.Target);
        if (dial.IsDone || IsCut(by, target))
        {
            return;
        }

        if (!target.IsRunning)
        {
            Enqueue(Now + DrawLatency(), new(SimulatedEventKind.DialEnded, by, dial, "connection_refused"));
            return;
        }

        // The dialer's side is there when the answer is; until then the target's messages wait.
        Enqueue(Now + DrawLatency(), new(SimulatedEventKind.DialEnded, by, dial, null));
    }

    private void EndDial(SimulatedDial dial, string? code, bool isTimeout)
    {
        var (by, target) = (dial.By, dial.Target);
        if (dial.IsDone || !by.IsRunning || by.Life != dial.Life)
        {
            return;
        }

        dial.IsDone = true;
        if (code is null && !isTimeout && !by.Sessions.ContainsKey(target.Id))
        {
            code = Connect(by, target);
        }

        by.Machine.DialEnded(target.Id, code, Now);
    }

    /// <returns>Null: there is a session; else why not.</returns>
    private string? Connect(SimulatedNode by, SimulatedNode target)
    {
        if (!target.IsRunning || IsCut(by, target))
        {
            return "stream_reset";
        }

        // What it still has is of a former life.
        if (target.Sessions.Remove(by.Id, out var old))
        {
            old.CloseFor(target);
            target.Machine.Disconnected(by.Id, "stream_reset", Now);
        }

        var session = new SimulatedSession(by, target);
        by.Sessions[target.Id] = session;
        target.Sessions[by.Id] = session;
        target.Machine.Connected(by.Id, Now);
        Schedule(target);
        by.Machine.Connected(target.Id, Now);
        return null;
    }
}
