using ManagedSwarm.Transport.Discovery;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>
/// What addresses that do not work tell. Those of one peer are judged together: where one of them works, nobody misses the others, for a
/// machine has addresses that are good in some networks only.
/// </summary>
internal static class AddressRules
{
    public static IEnumerable<Finding> Apply(DoctorObservations seen)
    {
        var groups = seen.Probes.GroupBy(KeyOf).Select(group => group.ToList()).ToList();
        var lost = groups.Where(group => !group.Exists(IsReached)).ToList();
        var isDead = IsBootstrapDead(seen);
        if (isDead)
        {
            yield return DeadBootstrap(seen);
        }

        foreach (var group in lost.Where(group => group[0].Source != DoctorAddress.Self))
        {
            yield return Judge(group, seen, isDead);
        }

        foreach (var stale in groups.Except(lost).SelectMany(group => group.Where(probe => probe.IsWrongPeer)))
        {
            yield return WrongPeer(stale, FindingSeverity.Warning);
        }
    }

    private static object KeyOf(AddressProbe probe) => probe.Address.PeerId ?? probe.Answered ?? (object)probe.Address;

    private static bool IsReached(AddressProbe probe) => probe is { Outcome: ProbeOutcome.Connected, IsWrongPeer: false };

    private static bool IsImportant(AddressProbe probe) => probe.Source is DoctorAddress.Asked or DiscoverySource.Bootstrap;

    /// <summary>Whether the network says so, and nobody at the other end.</summary>
    private static bool IsUnheard(AddressProbe probe) =>
        probe.Outcome is ProbeOutcome.Refused or ProbeOutcome.TimedOut or ProbeOutcome.HostUnreachable or ProbeOutcome.UnknownName;

    private static bool IsBootstrapDead(DoctorObservations seen)
    {
        var bootstrap = seen.Probes.Where(probe => probe.Source == DiscoverySource.Bootstrap).ToList();
        return bootstrap.Count > 0 && bootstrap.TrueForAll(IsUnheard) && !seen.Reached.Any(group => group.Key != seen.Case.Node?.Self);
    }

    private static Finding DeadBootstrap(DoctorObservations seen)
    {
        var bootstrap = seen.Probes.Where(probe => probe.Source == DiscoverySource.Bootstrap).ToList();
        return new(
            FindingSeverity.Error,
            FindingCode.DeadBootstrap,
            $"nobody can be reached at any of the {bootstrap.Count} addresses that are named as a way into the swarm: {Details(bootstrap)}",
            Places(bootstrap),
            "start a node at one of them, or take a token from a node that runs now: 'managedswarm run --p2p' prints one with its own addresses");
    }

    private static Finding Judge(List<AddressProbe> group, DoctorObservations seen, bool isDead)
    {
        var worst = group.MaxBy(probe => probe.Outcome)!;
        var isImportant = group.Exists(IsImportant);
        if (group.Find(probe => probe.IsWrongPeer) is { } wrong && worst.Outcome < ProbeOutcome.NoAnswer)
        {
            return WrongPeer(wrong, isImportant ? FindingSeverity.Error : FindingSeverity.Warning);
        }

        var severity = !IsUnheard(worst) ? (isImportant ? FindingSeverity.Error : FindingSeverity.Warning)
            : group.Exists(probe => probe.Source == DoctorAddress.Asked) ? FindingSeverity.Error
            : isDead ? FindingSeverity.Note
            : !seen.Reached.Any() ? FindingSeverity.Error

            // Others' addresses grow old.
            : isImportant || group.Exists(probe => probe.Source == DiscoverySource.Member) ? FindingSeverity.Warning
            : FindingSeverity.Note;
        var (code, advice) = Name(worst.Outcome);
        return new(severity, code, Details(group), Places(group), advice);
    }

    private static Finding WrongPeer(AddressProbe probe, FindingSeverity severity) => new(
        severity,
        FindingCode.WrongPeer,
        $"{probe.Answered} answers there, not {probe.Address.PeerId}",
        probe.Address.ToString(),
        "the address is stale, or the node has lost its identity file and has a new one: take a new token from a node that runs now, "
        + "or leave out /p2p/ID");

    private static (string Code, string Advice) Name(ProbeOutcome outcome) => outcome switch
    {
        ProbeOutcome.Refused => (FindingCode.PortClosed,
            "start the node there, and give it this port (--p2p-port); in a container, publish the port"),
        ProbeOutcome.TimedOut => (FindingCode.TimedOut,
            "see that the machine runs, that its address is right, and that its firewall lets this TCP port in"),
        ProbeOutcome.HostUnreachable => (FindingCode.HostUnreachable,
            "see that both machines are in one network, or announce an address that can be reached from here (--p2p-announce)"),
        ProbeOutcome.UnknownName => (FindingCode.UnknownName, "correct the name, or name an IP address"),
        ProbeOutcome.NoAnswer => (FindingCode.NoAnswer,
            "see whether the program there is stopped or overloaded, and whether it is ManagedSwarm; a firewall may swallow what it lets in"),
        ProbeOutcome.ClosedAtOnce => (FindingCode.LimitsHit,
            "that is how a node refuses that has reached its limits of connections: close some, raise them, or switch --p2p-limits off; "
            + "a proxy with nothing behind it looks the same"),
        ProbeOutcome.AnotherToken => (FindingCode.AnotherToken,
            "another token or not ManagedSwarm: give both machines the same token and the same --p2p-network-id"),
        ProbeOutcome.NotManagedSwarm => (FindingCode.NotManagedSwarm,
            "another token or not ManagedSwarm: another program has this port; correct the address, or give the node another port"),
        ProbeOutcome.Undialable => (FindingCode.InvalidAddress, "name an address such as /ip4/192.0.2.1/tcp/4001"),
        _ => (FindingCode.DialFailed, "see the node's log there"),
    };

    private static string Details(List<AddressProbe> probes) =>
        string.Join("; ", probes.Select(probe => probe.Detail ?? $"{probe.Answered} answers").Distinct());

    private static string Places(List<AddressProbe> probes) => string.Join(", ", probes.Select(probe => probe.Address).Distinct());
}
