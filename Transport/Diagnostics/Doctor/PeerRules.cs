using System.Globalization;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;

namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What the peers tell that were reached.</summary>
internal static class PeerRules
{
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(1);

    // Of ten connections that a peer may have.
    private const int NearLimit = 9;

    public static IEnumerable<Finding> Apply(DoctorObservations seen)
    {
        foreach (var peer in seen.Reached)
        {
            // Some of its addresses may have told more than others.
            var report = peer.Select(probe => probe.Report!).MaxBy(report => report.AnswersDoctor)!;
            var where = $"{peer.Key} at {string.Join(", ", peer.Select(probe => probe.Address.WithoutPeerId()).Distinct())}";
            foreach (var finding in new[] { Version(report, seen, where), Identity(peer, where), Clock(report, where), Limits(report, where) })
            {
                if (finding is not null)
                {
                    yield return finding;
                }
            }
        }

        foreach (var finding in Reachability(seen))
        {
            yield return finding;
        }
    }

    private static Finding? Version(PeerReport report, DoctorObservations seen, string where)
    {
        var agent = report.AgentVersion ?? "a program that does not say its name";
        if (report.OtherDoctor is not null || (report.ProtocolVersion is { } protocol && IsOtherMajor(protocol)))
        {
            var theirs = report.OtherDoctor is null ? $"protocol version {report.ProtocolVersion}" : $"version {report.OtherDoctor} of the doctor's protocol";
            return new(
                FindingSeverity.Error,
                FindingCode.VersionMismatch,
                $"{agent} speaks {theirs}; here is {seen.AgentVersion} with {IdentifyProtocol.ProtocolVersion} and {DoctorProtocol.Major}.{DoctorProtocol.Minor}",
                where,
                "install the same version of ManagedSwarm on both machines");
        }

        if (!report.AnswersDoctor)
        {
            return new(
                FindingSeverity.Note, FindingCode.NoDoctor, $"{agent} is in the swarm, but does not answer doctors", where,
                "nothing, if it is meant to be no node of ManagedSwarm; else see its log");
        }

        return report.AgentVersion == seen.AgentVersion ? null : new(
            FindingSeverity.Note, FindingCode.OtherVersion, $"{agent} is another version than {seen.AgentVersion} here", where,
            "nothing: the two can work together");
    }

    private static bool IsOtherMajor(string protocolVersion) =>
        protocolVersion.StartsWith("managedswarm/", StringComparison.Ordinal) && protocolVersion != IdentifyProtocol.ProtocolVersion;

    private static Finding? Identity(IGrouping<PeerId, AddressProbe> peer, string where)
    {
        var count = peer.Select(probe => probe.Report!.Instance).OfType<string>().Distinct().Count();
        return count <= 1 ? null : new(
            FindingSeverity.Error,
            FindingCode.DuplicateIdentity,
            $"{count} nodes have this identity: each pushes the others out of the swarm again and again",
            where,
            "give each node an identity file of its own (--identity): a copied machine or container has its original's; "
            + "delete the copy, and a new one is made");
    }

    private static Finding? Clock(PeerReport report, string where)
    {
        if (report.Skew is not { } skew || skew.Duration() <= MaxSkew)
        {
            return null;
        }

        var seconds = Math.Round(skew.Duration().TotalSeconds).ToString(CultureInfo.InvariantCulture);
        return new(
            FindingSeverity.Warning,
            FindingCode.ClockSkew,
            $"its clock is {seconds} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's",
            where,
            "set both clocks (NTP); nothing depends on them but the names of the day, by which members find each other by mDNS and DHT");
    }

    private static Finding? Limits(PeerReport report, string where) =>
        report.ConnectionLimit > 0 && report.Connections * 10L >= report.ConnectionLimit * (long)NearLimit
            ? new(
                FindingSeverity.Warning,
                FindingCode.LimitsNear,
                $"it has {report.Connections} connections, allowed are {report.ConnectionLimit}",
                where,
                "when they are all taken it refuses everybody: switch --p2p-limits off there, or start fewer nodes")
            : null;

    private static IEnumerable<Finding> Reachability(DoctorObservations seen)
    {
        var asked = seen.Reached.SelectMany(peer => peer).Where(probe => probe.Report!.DialBack.Count > 0).ToList();
        var failed = asked.Where(probe => probe.Report!.DialBack.All(dial => dial.Code is not null)).ToList();
        foreach (var probe in failed)
        {
            var isNode = seen.Case.Node is not null;
            var dials = probe.Report!.DialBack;
            yield return new(
                isNode && failed.Count == asked.Count ? FindingSeverity.Error : FindingSeverity.Warning,
                FindingCode.OneWay,
                $"it can be reached from here, but cannot reach {(isNode ? "the node on this machine" : "a port that was opened on this machine for a trial")}: "
                + string.Join("; ", dials.Select(dial => dial.Reason).Distinct()),
                $"{probe.Answered} dialed {string.Join(", ", dials.Select(dial => dial.Address.WithoutPeerId()))}",
                "let the port in at this machine's firewall; behind a router (NAT), forward one port (--p2p-port) and announce the router's address "
                + "(--p2p-announce). As it is, sessions can only begin here");
        }

        foreach (var dial in asked.SelectMany(probe => probe.Report!.DialBack).Where(dial => dial.Code is null).DistinctBy(dial => dial.Address))
        {
            if (seen.Case.Node is { } node && !node.Addresses.Any(address => address.WithoutPeerId() == dial.Address.WithoutPeerId()))
            {
                yield return new(
                    FindingSeverity.Note, FindingCode.UnannouncedAddress, "others can reach the node on this machine there, but it does not tell them so",
                    dial.Address.ToString(), $"announce it: --p2p-announce {dial.Address.WithoutPeerId()}");
            }
        }
    }
}
