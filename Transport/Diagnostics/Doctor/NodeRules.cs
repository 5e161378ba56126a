namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What this machine, its node and the question itself tell.</summary>
internal static class NodeRules
{
    public static IEnumerable<Finding> Apply(DoctorObservations seen)
    {
        if (seen.Case.Asked is { } asked && seen.Probes.Count == 0)
        {
            yield return new(
                FindingSeverity.Error, FindingCode.UnknownPeer, "no address of this peer is known", asked,
                "name its address, or ask where a node of the swarm runs (--address)");
        }
        else if (seen.Case.Asked is null && !seen.Probes.Any(probe => probe.Source != DoctorAddress.Self) && seen.Case.Node is not { Sessions: > 0 })
        {
            yield return new(
                FindingSeverity.Error, FindingCode.NoAddresses, "the token names no address, and no other is known", "token",
                "take the token that a running node prints ('managedswarm run --p2p'), or name an address (--p2p-bootstrap); "
                + "without any, only nodes of this machine and of the local network are found");
        }

        if (!seen.HasMulticast)
        {
            yield return new(
                FindingSeverity.Note, FindingCode.MdnsUnavailable, "no network interface of this machine can multicast", "this machine",
                "nothing, where the token names addresses: members of the local network are not found by mDNS");
        }

        foreach (var finding in seen.Case.Node is { } node ? ApplyNode(seen, node) : [])
        {
            yield return finding;
        }
    }

    private static IEnumerable<Finding> ApplyNode(DoctorObservations seen, NodeView node)
    {
        if (node.Network != seen.Network)
        {
            yield return new(
                FindingSeverity.Error, FindingCode.NodeElsewhere,
                $"the node on this machine is in network {node.Network}, the token is for {seen.Network}", node.Self.ToString(),
                "start it with this token and the same --p2p-network-id, or examine its own swarm with its own token");
            yield break;
        }

        if (node.Trials.FirstOrDefault(trial => trial.Code == "too_many_connections") is { } full)
        {
            yield return new(
                FindingSeverity.Error, FindingCode.OwnLimitsHit, $"the node on this machine takes no more connections: {full.Reason}",
                full.Address.ToString(), "switch --p2p-limits off, or start fewer nodes");
        }

        var others = seen.Reached.Where(peer => peer.Key != node.Self).Select(peer => peer.Key.ToString()).ToList();
        if (node.Sessions == 0 && others.Count > 0)
        {
            var last = node.Trials.FirstOrDefault(trial => trial.Code is not null);
            yield return new(
                FindingSeverity.Warning, FindingCode.NodeAlone,
                "others can be reached from this machine, but its node has no session"
                + (last is null ? "" : $"; the last it has tried, {last.Address}: {last.Reason}"),
                string.Join(", ", others), "give it a minute if it was just started; else name one of these addresses to it (--p2p-bootstrap)");
        }
    }
}
