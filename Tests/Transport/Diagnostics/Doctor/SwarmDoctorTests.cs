using System.Net;
using System.Net.Sockets;
using System.Text;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport.Discovery;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Diagnostics.Doctor;

/// <summary>Swarms that are broken in one way each: the doctor names it, and nothing else.</summary>
[Trait("Tier", "Loopback")]
public sealed class SwarmDoctorTests : IDisposable
{
    private readonly SwarmToken _token = SwarmToken.Generate();
    private readonly RefusedPort _closed = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Multiaddress Closed => Multiaddress.FromEndPoint(_closed.EndPoint);

    public void Dispose() => _closed.Dispose();

    [Fact]
    public async Task Finds_nothing_where_nothing_is_wrong()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        var report = await ExamineAsync(node.Address);
        Assert.Empty(report.Findings);
        Assert.True(report.IsHealthy);
        var probe = Assert.Single(report.Probes);
        Assert.Equal((ProbeOutcome.Connected, node.Id), (probe.Outcome, probe.Answered));
        Assert.True(probe.Report!.AnswersDoctor);
        Assert.Equal(IdentifyProtocol.AgentVersion, probe.Report.AgentVersion);
        Assert.Equal(512, probe.Report.ConnectionLimit);
        Assert.InRange(probe.Report.Skew!.Value, TimeSpan.FromSeconds(-30), TimeSpan.FromSeconds(30));
        var back = Assert.Single(probe.Report.DialBack);
        Assert.Null(back.Code);
    }

    [Theory]
    [InlineData(SwarmTokenFlags.None, SwarmTokenFlags.None)]
    [InlineData(SwarmTokenFlags.None, SwarmTokenFlags.Fast)]
    [InlineData(SwarmTokenFlags.Fast, SwarmTokenFlags.None)]
    [InlineData(SwarmTokenFlags.Fast, SwarmTokenFlags.Fast)]
    public async Task Names_a_wrong_token(SwarmTokenFlags mine, SwarmTokenFlags theirs)
    {
        await using var node = await DoctorNode.StartAsync(SwarmToken.Generate(flags: theirs));

        // Without a key it says nothing before the other side has: so long is that awaited, and then the answer.
        var options = theirs == SwarmTokenFlags.Fast ? Options() with { KnockTimeout = TimeSpan.FromSeconds(10) } : Options();
        var report = await ExamineAsync(new SwarmDoctor(SwarmToken.Generate(flags: mine), options), Bootstrap(node.Address));
        AssertOnly(report, FindingSeverity.Error, FindingCode.AnotherToken);
    }

    [Fact]
    public async Task Names_a_closed_port()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        var report = await ExamineAsync(new DoctorCase
        {
            Addresses = [new(Closed, DoctorAddress.Asked), new(node.Address, DiscoverySource.Bootstrap)],
        });
        AssertOnly(report, FindingSeverity.Error, FindingCode.PortClosed);
    }

    [Fact]
    public async Task One_dead_way_in_of_two_is_a_warning()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        var report = await ExamineAsync(Closed, node.Address);
        AssertOnly(report, FindingSeverity.Warning, FindingCode.PortClosed);
        Assert.True(report.IsHealthy);
    }

    [Fact]
    public async Task Names_a_dead_bootstrap()
    {
        var report = await ExamineAsync(Closed, Multiaddress.Parse("/dns4/does-not-exist.invalid/tcp/4001"));
        var error = Assert.Single(report.Findings, finding => finding.Severity == FindingSeverity.Error);
        Assert.Equal(FindingCode.DeadBootstrap, error.Code);
        Assert.Contains("2 addresses", error.What, StringComparison.Ordinal);
        Assert.Equal(
            [FindingCode.PortClosed, FindingCode.UnknownName],
            report.Findings.Where(finding => finding.Severity == FindingSeverity.Note).Select(finding => finding.Code).Order());
    }

    [Theory]
    [InlineData("answers in another version")]
    [InlineData("serves only another version")]
    public async Task Names_a_future_version(string how)
    {
        await using var node = await DoctorNode.StartAsync(_token, answers: false);
        var id = DoctorProtocol.Id(new SwarmKeys(_token));
        var isOther = how == "serves only another version";
        await using var listener = node.Peer.Listen(isOther ? id.Replace("/1.0.0", "/2.0.0", StringComparison.Ordinal) : id);
        var answering = isOther ? Task.CompletedTask : AnswerAsync(listener, new() { Major = 2, Minor = 3, AgentVersion = "managedswarm/9.0.0" });
        var report = await ExamineAsync(node.Address);
        await answering;
        AssertOnly(report, FindingSeverity.Error, FindingCode.VersionMismatch);
        Assert.Contains(isOther ? "2.0.0" : "2.3", report.Findings[0].What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3600, true)]
    [InlineData(-3600, true)]
    [InlineData(300, true)]
    [InlineData(30, false)]
    public async Task Warns_of_a_clock_that_is_wrong(int seconds, bool isWrong)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow + TimeSpan.FromSeconds(seconds));
        await using var node = await DoctorNode.StartAsync(_token, time: time);
        var report = await ExamineAsync(node.Address);
        if (isWrong)
        {
            AssertOnly(report, FindingSeverity.Warning, FindingCode.ClockSkew);
            Assert.Contains(seconds > 0 ? "ahead" : "behind", report.Findings[0].What, StringComparison.Ordinal);
        }
        else
        {
            Assert.Empty(report.Findings);
        }

        Assert.True(report.IsHealthy);
    }

    [Fact]
    public async Task Names_a_node_that_others_cannot_reach()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        using var self = Identity.Generate();
        var report = await ExamineAsync(Bootstrap(node.Address) with { Node = View(self.PeerId, Closed.WithPeerId(self.PeerId)) });
        AssertOnly(report, FindingSeverity.Error, FindingCode.OneWay);
        Assert.Contains(Closed.ToString(), report.Findings[0].Where, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_others_can_reach_is_none_of_these()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        await using var own = await DoctorNode.StartAsync(_token);
        var report = await ExamineAsync(Bootstrap(node.Address) with { Node = View(own.Id, own.Address) });
        Assert.Empty(report.Findings);

        // Where it says nothing of the address at which it can be reached.
        var elsewhere = Multiaddress.Parse($"/ip4/192.0.2.1/tcp/{own.Address.TcpPort}");
        await using var another = await DoctorNode.StartAsync(_token);
        report = await ExamineAsync(Bootstrap(another.Address) with { Node = View(own.Id, elsewhere) });
        AssertOnly(report, FindingSeverity.Note, FindingCode.UnannouncedAddress);
    }

    [Fact]
    public async Task Names_limits_that_are_reached()
    {
        await using var node = await DoctorNode.StartAsync(_token, limits: new() { ConnectionsPerAddress = 1 });
        await using var other = await DoctorNode.StartAsync(_token);
        await (await other.Peer.DialAsync(node.Address, Cancellation)).IdentifyAsync(Cancellation);
        AssertOnly(await ExamineAsync(node.Address), FindingSeverity.Error, FindingCode.LimitsHit);
    }

    [Fact]
    public async Task Warns_of_limits_that_are_near()
    {
        await using var node = await DoctorNode.StartAsync(_token, limits: new() { Connections = 2 });
        await using var other = await DoctorNode.StartAsync(_token);
        await (await other.Peer.DialAsync(node.Address, Cancellation)).IdentifyAsync(Cancellation);
        AssertOnly(await ExamineAsync(node.Address), FindingSeverity.Warning, FindingCode.LimitsNear);
    }

    [Fact]
    public async Task Names_two_nodes_of_one_identity()
    {
        using var identity = Identity.Generate();
        await using var first = await DoctorNode.StartAsync(_token, identity);
        await using var second = await DoctorNode.StartAsync(_token, identity);
        var report = await ExamineAsync(first.Address, second.Address);
        AssertOnly(report, FindingSeverity.Error, FindingCode.DuplicateIdentity);
        Assert.Contains(identity.PeerId.ToString(), report.Findings[0].Where, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_node_at_two_addresses_is_one_node()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        await node.Peer.StartListenAsync([Multiaddress.Parse("/ip4/127.0.0.2/tcp/0")], Cancellation);
        Assert.Empty((await ExamineAsync([.. node.Peer.ListenAddresses])).Findings);
    }

    [Fact]
    public async Task Names_a_stale_address()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        using var gone = Identity.Generate();
        var report = await ExamineAsync(node.Address.WithPeerId(gone.PeerId));
        AssertOnly(report, FindingSeverity.Error, FindingCode.WrongPeer);
        Assert.Contains(node.Id.ToString(), report.Findings[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_a_black_hole()
    {
        using var hole = new BlackHole();
        var time = new FakeTimeProvider();
        var examining = ExamineAsync(new SwarmDoctor(_token, Options() with { Time = time }), Bootstrap(hole.Address));
        await hole.AcceptAsync(Cancellation);
        await TestPeer.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return examining.IsCompleted;
        });
        AssertOnly(await examining, FindingSeverity.Error, FindingCode.NoAnswer);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH_9.6")]
    [InlineData("220 mail.example.org ESMTP Postfix, at your service, whatever it is\r\n", "220 mail.example.org")]
    public async Task Names_another_program(string greeting, string shown)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var serving = GreetAsync(server, Encoding.ASCII.GetBytes(greeting));

        // A greeting that is too short to be a handshake's beginning is awaited so long.
        var doctor = new SwarmDoctor(_token, Options() with { StepTimeout = TimeSpan.FromSeconds(10) });
        var report = await ExamineAsync(doctor, Bootstrap(Multiaddress.FromEndPoint((IPEndPoint)server.LocalEndpoint)));
        server.Stop();
        await serving;
        AssertOnly(report, FindingSeverity.Error, FindingCode.NotManagedSwarm);
        Assert.Contains(shown, report.Findings[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_an_address_that_is_none()
    {
        var report = await ExamineAsync(Multiaddress.Parse("/ip4/127.0.0.1/udp/4001/quic-v1"));
        AssertOnly(report, FindingSeverity.Error, FindingCode.InvalidAddress);
    }

    [Fact]
    public async Task Says_that_there_is_nothing_to_try()
    {
        AssertOnly(await ExamineAsync(), FindingSeverity.Error, FindingCode.NoAddresses);
        AssertOnly(await ExamineAsync(new DoctorCase { Asked = "alice" }), FindingSeverity.Error, FindingCode.UnknownPeer);
    }

    [Fact]
    public async Task Says_that_a_peer_is_no_node()
    {
        await using var node = await DoctorNode.StartAsync(_token, answers: false);
        AssertOnly(await ExamineAsync(node.Address), FindingSeverity.Note, FindingCode.NoDoctor);
    }

    [Fact]
    public async Task Says_that_there_is_no_multicast()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        var report = await ExamineAsync(new SwarmDoctor(_token, Options() with { HasMulticast = () => false }), Bootstrap(node.Address));
        AssertOnly(report, FindingSeverity.Note, FindingCode.MdnsUnavailable);
    }

    // Long enough for a busy machine.
    private static SwarmDoctorOptions Options() => new()
    {
        StepTimeout = TimeSpan.FromMinutes(1),
        DialBackTimeout = TimeSpan.FromMinutes(2),
        KnockTimeout = TimeSpan.FromMinutes(1),
        Listen = Multiaddress.Parse("/ip4/127.0.0.1/tcp/0"),
        HasMulticast = () => true,
    };

    private static DoctorCase Bootstrap(params Multiaddress[] addresses) =>
        new() { Addresses = [.. addresses.Select(address => new DoctorAddress(address, DiscoverySource.Bootstrap))] };

    private static async Task<DoctorReport> ExamineAsync(SwarmDoctor doctor, DoctorCase examined) => await doctor.ExamineAsync(examined, Cancellation);

    private static void AssertOnly(DoctorReport report, FindingSeverity severity, string code)
    {
        var finding = Assert.Single(report.Findings);
        Assert.Equal((severity, code), (finding.Severity, finding.Code));
        Assert.All([finding.What, finding.Where, finding.Advice], Assert.NotEmpty);
        Assert.Equal(severity < FindingSeverity.Error, report.IsHealthy);
    }

    private static async Task AnswerAsync(IStreamListener listener, DoctorAnswer answer)
    {
        await using var stream = (await listener.AcceptAsync(Cancellation))!;
        while (await DelimitedMessage.ReadAsync(stream, DoctorProtocol.MaxBytes, Cancellation) is not null)
        {
            await DelimitedMessage.WriteAsync(stream, answer.ToBytes(), Cancellation);
        }

        await stream.CloseWriteAsync(Cancellation);
    }

    private static async Task GreetAsync(TcpListener server, byte[] greeting)
    {
        while (await AcceptAsync(server) is { } accepted)
        {
            using var socket = accepted;
            try
            {
                await socket.SendAsync(greeting, Cancellation);
                while (await socket.ReceiveAsync(new byte[100], Cancellation) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // It has heard enough.
            }
        }
    }

    private static async Task<Socket?> AcceptAsync(TcpListener server)
    {
        try
        {
            return await server.AcceptSocketAsync(Cancellation);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            return null;
        }
    }

    private NodeView View(PeerId self, params Multiaddress[] addresses) =>
        new() { Self = self, Network = new SwarmKeys(_token).Network, Addresses = addresses, Sessions = 1 };

    private Task<DoctorReport> ExamineAsync(params Multiaddress[] addresses) => ExamineAsync(Bootstrap(addresses));

    private Task<DoctorReport> ExamineAsync(DoctorCase examined) => ExamineAsync(new SwarmDoctor(_token, Options()), examined);
}
