using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Tests.Transport.Diagnostics.Doctor;

/// <summary>What is made of observations that no socket was needed for.</summary>
public sealed class DoctorRulesTests
{
    private const string Network = "0123456789abcdef";
    private const string Agent = "managedswarm/0.1.0";

    private static readonly PeerId Alice = NewId();
    private static readonly PeerId Self = NewId();

    private static readonly PeerReport Fine =
        new() { AgentVersion = Agent, ProtocolVersion = "managedswarm/1", AnswersDoctor = true, Instance = "01", Connections = 1, ConnectionLimit = 512 };

    [Fact]
    public void A_dead_address_of_a_peer_that_has_another_is_nothing()
    {
        Assert.Empty(Apply([Lost(1, ProbeOutcome.TimedOut, Alice), Reached(2, Alice)]));
    }

    [Theory]
    [InlineData(DiscoverySource.Bootstrap, FindingSeverity.Warning)]
    [InlineData(DiscoverySource.Member, FindingSeverity.Warning)]
    [InlineData(DiscoverySource.Cache, FindingSeverity.Note)]
    [InlineData(DoctorAddress.Asked, FindingSeverity.Error)]
    public void How_bad_a_dead_address_is_depends_on_who_names_it(string source, FindingSeverity severity)
    {
        var finding = Assert.Single(Apply([Lost(1, ProbeOutcome.TimedOut, null) with { Source = source }, Reached(2, Alice)]));
        Assert.Equal((severity, FindingCode.TimedOut), (finding.Severity, finding.Code));
    }

    [Fact]
    public void The_address_that_tells_most_names_the_cause()
    {
        var finding = Assert.Single(Apply(
            [Lost(1, ProbeOutcome.TimedOut, Alice), Lost(2, ProbeOutcome.AnotherToken, Alice), Lost(3, ProbeOutcome.Refused, Alice)]));
        Assert.Equal(FindingCode.AnotherToken, finding.Code);
    }

    [Fact]
    public void A_protocol_of_another_version_is_told_without_a_doctor_too()
    {
        var report = Fine with { AnswersDoctor = false, ProtocolVersion = "managedswarm/2" };
        Assert.Equal(FindingCode.VersionMismatch, Assert.Single(Apply([Reached(1, Alice, report)])).Code);
    }

    [Fact]
    public void Another_program_version_is_a_note()
    {
        var finding = Assert.Single(Apply([Reached(1, Alice, Fine with { AgentVersion = "managedswarm/0.2.0" })]));
        Assert.Equal((FindingSeverity.Note, FindingCode.OtherVersion), (finding.Severity, finding.Code));
    }

    [Fact]
    public void The_node_of_another_swarm_is_told()
    {
        var finding = Assert.Single(Apply([Reached(1, Alice)], Node() with { Network = "fedcba9876543210", Sessions = 0 }));
        Assert.Equal((FindingSeverity.Error, FindingCode.NodeElsewhere), (finding.Severity, finding.Code));
    }

    [Fact]
    public void A_node_without_a_session_is_told_with_its_last_failure()
    {
        var trial = new AddressTrial(Address(1), "bootstrap", DateTimeOffset.UnixEpoch, "unreachable", "nobody has answered");
        var finding = Assert.Single(Apply([Reached(1, Alice)], Node() with { Sessions = 0, Trials = [trial] }));
        Assert.Equal((FindingSeverity.Warning, FindingCode.NodeAlone), (finding.Severity, finding.Code));
        Assert.Contains("nobody has answered", finding.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_at_its_own_limits_is_told()
    {
        var trial = new AddressTrial(Address(1), "mdns", DateTimeOffset.UnixEpoch, "too_many_connections", "there are 100 connections");
        var finding = Assert.Single(Apply([Reached(1, Alice)], Node() with { Trials = [trial] }));
        Assert.Equal((FindingSeverity.Error, FindingCode.OwnLimitsHit), (finding.Severity, finding.Code));
    }

    [Fact]
    public void A_node_with_sessions_needs_no_addresses()
    {
        Assert.Empty(Apply([], Node()));
        Assert.Equal(FindingCode.NoAddresses, Assert.Single(Apply([], Node() with { Sessions = 0 })).Code);
    }

    [Fact]
    public void Reached_by_some_and_not_by_others_is_a_warning()
    {
        DialBackResult good = new(Address(9), null, null), bad = new(Address(9), "unreachable", "nobody has answered");
        var findings = Apply(
            [Reached(1, Alice, Fine with { DialBack = [good] }), Reached(2, NewId(), Fine with { Instance = "02", DialBack = [bad] })],
            Node() with { Addresses = [Address(9)] });
        Assert.Equal((FindingSeverity.Warning, FindingCode.OneWay), (Assert.Single(findings).Severity, findings[0].Code));
    }

    [Fact]
    public void Without_a_node_a_closed_way_back_is_a_warning()
    {
        var report = Fine with { DialBack = [new(Address(9), "unreachable", "nobody has answered")] };
        var finding = Assert.Single(Apply([Reached(1, Alice, report)]));
        Assert.Equal((FindingSeverity.Warning, FindingCode.OneWay), (finding.Severity, finding.Code));
    }

    [Theory]
    [InlineData(60, false)]
    [InlineData(61, true)]
    [InlineData(-61, true)]
    public void A_minute_is_allowed_between_clocks(int seconds, bool isTold)
    {
        var findings = Apply([Reached(1, Alice, Fine with { Skew = TimeSpan.FromSeconds(seconds) })]);
        Assert.Equal(isTold ? [FindingCode.ClockSkew] : [], findings.Select(finding => finding.Code));
    }

    [Fact]
    public void The_worst_comes_first()
    {
        var findings = Apply(
            [Reached(1, Alice, Fine with { Skew = TimeSpan.FromHours(1), AgentVersion = "managedswarm/0.2.0" }), Lost(2, ProbeOutcome.AnotherToken, null)]);
        Assert.Equal([FindingSeverity.Error, FindingSeverity.Warning, FindingSeverity.Note], findings.Select(finding => finding.Severity));
    }

    [Fact]
    public void Each_outcome_has_a_name_and_an_advice()
    {
        foreach (var outcome in Enum.GetValues<ProbeOutcome>().Except([ProbeOutcome.Connected]))
        {
            var finding = Assert.Single(Apply([Lost(1, outcome, null) with { Source = DoctorAddress.Asked }]));
            Assert.Equal(FindingSeverity.Error, finding.Severity);
            Assert.Equal(outcome == ProbeOutcome.Failed, finding.Code == FindingCode.DialFailed);
        }
    }

    [Theory]
    [InlineData(null, ProbeOutcome.NoAnswer)]
    [InlineData("", ProbeOutcome.ClosedAtOnce)]
    [InlineData("123456789012345678901234", ProbeOutcome.AnotherToken)]
    [InlineData("\u0013/multistream/1.0.0\n", ProbeOutcome.AnotherToken)]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", ProbeOutcome.NotManagedSwarm)]
    public void What_is_said_first_tells_who_it_is(string? greeting, ProbeOutcome outcome) =>
        Assert.Equal(outcome, DoorKnock.Judge(greeting is null ? null : System.Text.Encoding.ASCII.GetBytes(greeting)).Outcome);

    private static IReadOnlyList<Finding> Apply(AddressProbe[] probes, NodeView? node = null) => DoctorRules.Apply(new()
    {
        Network = Network,
        AgentVersion = Agent,
        Case = new() { Node = node, Asked = probes.Any(probe => probe.Source == DoctorAddress.Asked) ? "somebody" : null },
        Probes = probes,
    });

    private static AddressProbe Lost(int port, ProbeOutcome outcome, PeerId? peer) => new()
    {
        Address = peer is null ? Address(port) : Address(port).WithPeerId(peer),
        Source = peer is null ? DiscoverySource.Bootstrap : DiscoverySource.Member,
        Outcome = outcome,
        Detail = "it does not work",
    };

    private static AddressProbe Reached(int port, PeerId peer, PeerReport? report = null) => new()
    {
        Address = Address(port).WithPeerId(peer),
        Source = DiscoverySource.Bootstrap,
        Outcome = ProbeOutcome.Connected,
        Answered = peer,
        Report = report ?? Fine,
    };

    private static NodeView Node() => new() { Self = Self, Network = Network, Addresses = [Address(9)], Sessions = 1 };

    private static Multiaddress Address(int port) => Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{port}");

    private static PeerId NewId()
    {
        using var identity = Identity.Generate();
        return identity.PeerId;
    }
}
