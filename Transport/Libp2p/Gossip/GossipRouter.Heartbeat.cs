using System.Runtime.InteropServices;

namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>What happens once a second.</summary>
internal sealed partial class GossipRouter
{
    // How often, in heartbeats, times that are over are looked for.
    private const int ForgetInterval = 15;

    private readonly List<CachedMessage> _gossip = [];
    private readonly List<GossipPeer> _candidates = [];
    private int _heartbeats;

    /// <summary>
    /// Mends the meshes and tells others which messages are here, if it is time. Says nothing where there is nothing to mend and nothing
    /// new.
    /// </summary>
    public void Tick(TimeSpan now)
    {
        if (now < NextTick)
        {
            return;
        }

        // After a pause, one heartbeat stands for all that were missed.
        var next = NextTick + options.HeartbeatInterval;
        NextTick = next > now ? next : now + options.HeartbeatInterval;
        foreach (var peer in _peers.Values)
        {
            peer.BeginHeartbeat();
        }

        foreach (var mesh in _topics.Values)
        {
            Mend(mesh, now);
            TellOthers(mesh);
        }

        _cache.Shift();
        _asked.Clear();
        _seen.Age(now);
        if (++_heartbeats % ForgetInterval == 0)
        {
            Forget(now);
        }

        foreach (var peer in _peers.Values)
        {
            Speak(peer);
        }

        Flush();
    }

    private void Mend(TopicMesh mesh, TimeSpan now)
    {
        if (mesh.Neighbours.Count < options.MinMeshSize)
        {
            GraftMore(mesh, now);
        }
        else if (mesh.Neighbours.Count > options.MaxMeshSize)
        {
            _random.Shuffle(CollectionsMarshal.AsSpan(mesh.Neighbours));
            foreach (var peer in mesh.Neighbours[options.MeshSize..])
            {
                Refuse(mesh, peer, now);
            }

            mesh.Neighbours.RemoveRange(options.MeshSize, mesh.Neighbours.Count - options.MeshSize);
        }
    }

    /// <summary>Takes as many neighbours as are wanted, if there are so many.</summary>
    private void GraftMore(TopicMesh mesh, TimeSpan now)
    {
        if (mesh.Neighbours.Count == mesh.Subscribers.Count)
        {
            return;
        }

        _candidates.Clear();
        foreach (var peer in mesh.Subscribers)
        {
            if (!mesh.Neighbours.Contains(peer) && MayAsk(mesh, peer, now))
            {
                _candidates.Add(peer);
            }
        }

        foreach (var peer in Choose(_candidates, options.MeshSize - mesh.Neighbours.Count))
        {
            mesh.Neighbours.Add(peer);
            peer.Graft(mesh.Name);
            Speak(peer);
        }
    }

    /// <summary>A heartbeat later than the peer may ask: its clock may be slower.</summary>
    private bool MayAsk(TopicMesh mesh, GossipPeer peer, TimeSpan now) => !mesh.IsBackedOff(peer.Id, now - options.HeartbeatInterval);

    private void TellOthers(TopicMesh mesh)
    {
        _gossip.Clear();
        if (mesh.Neighbours.Count < mesh.Subscribers.Count)
        {
            _cache.CollectGossip(mesh.Name, _gossip);
        }

        if (_gossip.Count == 0)
        {
            return;
        }

        _candidates.Clear();
        foreach (var peer in mesh.Subscribers)
        {
            if (!mesh.Neighbours.Contains(peer))
            {
                _candidates.Add(peer);
            }
        }

        var count = Math.Max(options.LazySize, (int)(_candidates.Count * options.LazyFactor));
        foreach (var peer in Choose(_candidates, count))
        {
            TellOne(mesh, peer);
        }
    }

    private void TellOne(TopicMesh mesh, GossipPeer peer)
    {
        var ids = new List<GossipMessageId>(_gossip.Count);
        for (var i = _gossip.Count - 1; i >= 0 && ids.Count < options.MaxHaveIds; i--)
        {
            // Neither to whom it came from nor to its author.
            if (_gossip[i].Source != peer && _gossip[i].Message.From != peer.Id)
            {
                ids.Add(_gossip[i].Message.Id);
            }
        }

        if (ids.Count > 0)
        {
            peer.Say(new GossipHave(mesh.Name, ids));
        }
    }

    private void Forget(TimeSpan now)
    {
        foreach (var mesh in _topics.Values)
        {
            // Kept for as long as this side waits, see MayAsk.
            mesh.ForgetBackoffs(now - options.HeartbeatInterval);
        }
    }

    /// <summary>Some of a list by chance, all of them at most. The list's order changes.</summary>
    private Span<GossipPeer> Choose(List<GossipPeer> peers, int count)
    {
        var all = CollectionsMarshal.AsSpan(peers);
        count = Math.Clamp(count, 0, all.Length);
        for (var i = 0; i < count; i++)
        {
            var other = _random.Next(i, all.Length);
            (all[i], all[other]) = (all[other], all[i]);
        }

        return all[..count];
    }
}
