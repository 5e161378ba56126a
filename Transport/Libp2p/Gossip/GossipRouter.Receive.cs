namespace ManagedSwarm.Transport.Libp2p.Gossip;

/// <summary>What others say.</summary>
internal sealed partial class GossipRouter
{
    private readonly Dictionary<GossipMessageId, int> _asked = [];

    /// <summary>A peer says something. One that is not connected is not heard.</summary>
    public void Receive(PeerId from, GossipRpc rpc, TimeSpan now)
    {
        if (!_peers.TryGetValue(from, out var peer))
        {
            return;
        }

        ReceiveSubscriptions(peer, rpc, now);
        for (var i = 0; i < rpc.Messages.Count; i++)
        {
            ReceiveMessage(peer, rpc.Messages[i], rpc, now);
        }

        ReceiveHaves(peer, rpc);
        ReceiveWants(peer, rpc);
        ReceiveGrafts(peer, rpc, now);
        ReceivePrunes(peer, rpc, now);
        Speak(peer);
        Flush();
    }

    private void ReceiveSubscriptions(GossipPeer peer, GossipRpc rpc, TimeSpan now)
    {
        for (var i = 0; i < Math.Min(rpc.Subscriptions.Count, options.MaxControls); i++)
        {
            var (topic, subscribes) = rpc.Subscriptions[i];
            if (!_topics.TryGetValue(topic, out var mesh))
            {
                if (subscribes)
                {
                    RememberForeign(peer, topic);
                }
                else
                {
                    peer.ForeignTopics.Remove(topic);
                }
            }
            else if (subscribes)
            {
                Join(mesh, peer, now);
            }
            else if (mesh.Remove(peer))
            {
                mesh.BackOff(peer.Id, now + options.UnsubscribeBackoff);
            }
        }
    }

    private void Join(TopicMesh mesh, GossipPeer peer, TimeSpan now)
    {
        if (mesh.Subscribers.Contains(peer))
        {
            return;
        }

        mesh.Subscribers.Add(peer);

        // Not at the next heartbeat only: until then, nothing would be sent on.
        if (mesh.Neighbours.Count < options.MinMeshSize && MayAsk(mesh, peer, now))
        {
            mesh.Neighbours.Add(peer);
            peer.Graft(mesh.Name);
        }
    }

    private void ReceiveMessage(GossipPeer peer, GossipMessage message, GossipRpc rpc, TimeSpan now)
    {
        if (!_topics.TryGetValue(message.Topic, out var mesh)
            || message.From == self
            || peer.Refused >= options.MaxRefused
            || _seen.Contains(message.Id))
        {
            return;
        }

        if (message.EncodedSize > options.MaxMessageBytes || options.Accepts?.Invoke(peer.Id, message) == false)
        {
            peer.Refused++;
            return;
        }

        _seen.Add(message.Id, now);
        var only = _cache.Add(message, peer, rpc.IsOnly(message) ? rpc : null);
        output.Deliver(peer.Id, message);
        SendAll(mesh.Neighbours, only, peer, message.From);
    }

    private void ReceiveHaves(GossipPeer peer, GossipRpc rpc)
    {
        if (rpc.Haves.Count == 0)
        {
            return;
        }

        peer.NamesByKey = rpc.NamesByKey;
        for (var i = 0; i < rpc.Haves.Count && peer.Haves < options.MaxHaves; i++)
        {
            peer.Haves++;
            if (_topics.ContainsKey(rpc.Haves[i].Topic))
            {
                AskFor(peer, rpc.Haves[i].Ids);
            }
        }
    }

    private void AskFor(GossipPeer peer, IReadOnlyList<GossipMessageId> ids)
    {
        for (var i = 0; i < ids.Count && peer.Asked < options.MaxWants; i++)
        {
            var id = ids[i];
            var asked = _asked.GetValueOrDefault(id);
            if (id.From != self && asked < options.MaxAsked && !_seen.Contains(id))
            {
                _asked[id] = asked + 1;
                peer.Asked++;
                AskedCount++;
                peer.Ask(id);
            }
        }
    }

    private void ReceiveWants(GossipPeer peer, GossipRpc rpc)
    {
        for (var i = 0; i < rpc.Wants.Count && peer.Wanted < options.MaxWants && peer.WantedBytes < options.MaxWantedBytes; i++)
        {
            peer.Wanted++;
            if (_cache.Find(rpc.Wants[i]) is { } cached && cached.TryTake(peer, options.MaxRepeats))
            {
                peer.WantedBytes += cached.Rpc.EncodedSize;
                output.Send(peer.Id, cached.Rpc);
            }
        }
    }

    private void ReceiveGrafts(GossipPeer peer, GossipRpc rpc, TimeSpan now)
    {
        for (var i = 0; i < Math.Min(rpc.Grafts.Count, options.MaxControls); i++)
        {
            // Topics that are not known here are nobody's business: an answer would be made to cost.
            if (!_topics.TryGetValue(rpc.Grafts[i], out var mesh) || mesh.Neighbours.Contains(peer))
            {
                continue;
            }

            if (mesh.IsBackedOff(peer.Id, now) || mesh.Neighbours.Count >= options.MaxMeshSize)
            {
                Refuse(mesh, peer, now);
                continue;
            }

            if (!mesh.Subscribers.Contains(peer))
            {
                mesh.Subscribers.Add(peer);
            }

            mesh.Neighbours.Add(peer);
        }
    }

    private void Refuse(TopicMesh mesh, GossipPeer peer, TimeSpan now)
    {
        mesh.BackOff(peer.Id, now + options.PruneBackoff);
        peer.Prune(new GossipPrune(mesh.Name, options.PruneBackoff));
    }

    private void ReceivePrunes(GossipPeer peer, GossipRpc rpc, TimeSpan now)
    {
        for (var i = 0; i < Math.Min(rpc.Prunes.Count, options.MaxControls); i++)
        {
            var (topic, said) = rpc.Prunes[i];
            if (_topics.TryGetValue(topic, out var mesh))
            {
                mesh.Neighbours.Remove(peer);
                var backoff = said > TimeSpan.Zero ? said : options.PruneBackoff;
                mesh.BackOff(peer.Id, now + (backoff < options.MaxBackoff ? backoff : options.MaxBackoff));
            }
        }
    }
}
