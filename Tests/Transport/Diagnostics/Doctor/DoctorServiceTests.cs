using System.Net;
using ManagedSwarm.Tests.Transport.Discovery;
using ManagedSwarm.Tests.Transport.Libp2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Identify;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Transport.Diagnostics.Doctor;

[Trait("Tier", "Loopback")]
public sealed class DoctorServiceTests
{
    private readonly SwarmToken _token = SwarmToken.Generate();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dials_nobody_but_who_asks()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        await using var asker = await DoctorNode.StartAsync(_token);
        using var hole = new BlackHole();
        Multiaddress[] others =
        [
            Multiaddress.Parse($"/ip4/127.0.0.2/tcp/{hole.Address.TcpPort}"),
            Multiaddress.Parse($"/dns4/localhost/tcp/{hole.Address.TcpPort}"),
            Multiaddress.Parse($"/ip6/::1/tcp/{hole.Address.TcpPort}"),
        ];
        await using var stream = await OpenAsync(asker, node);
        var answer = await AskAsync(stream, [.. others, asker.Address]);
        Assert.Equal([asker.Address], answer.Dialed.Select(dial => dial.Address));
        Assert.Null(answer.Dialed[0].Code);
        Assert.Null(answer.Refusal);
    }

    [Fact]
    public async Task Dials_an_asker_once_in_a_while()
    {
        await using var node = await DoctorNode.StartAsync(_token, time: new FakeTimeProvider());
        await using var asker = await DoctorNode.StartAsync(_token);
        await using var stream = await OpenAsync(asker, node);
        Assert.Single((await AskAsync(stream, [asker.Address])).Dialed);
        var second = await AskAsync(stream, [asker.Address]);
        Assert.Empty(second.Dialed);
        Assert.Contains("just now", second.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answers_so_many_questions_of_a_stream_and_damaged_ones_not_at_all()
    {
        await using var node = await DoctorNode.StartAsync(_token);
        await using var asker = await DoctorNode.StartAsync(_token);
        await using (var stream = await OpenAsync(asker, node))
        {
            for (var i = 0; i < DoctorProtocol.MaxQuestions; i++)
            {
                Assert.Equal(1, (await AskAsync(stream, [])).Major);
            }

            await Assert.ThrowsAsync<SwarmException>(() => AskAsync(stream, []));
        }

        foreach (var bytes in new byte[][] { [0xFF], new byte[DoctorProtocol.MaxBytes + 1] })
        {
            await using var stream = await OpenAsync(asker, node);
            await DelimitedMessage.WriteAsync(stream, bytes, Cancellation);
            await Assert.ThrowsAsync<SwarmException>(async () => await DelimitedMessage.ReadAsync(stream, DoctorProtocol.MaxBytes, Cancellation));
        }

        await using var last = await OpenAsync(asker, node);
        Assert.Equal(1, (await AskAsync(last, [])).Major);
    }

    [Fact]
    public void Remembers_whom_it_has_dialed_for_and_not_too_many()
    {
        var quota = new DialBackQuota(TimeSpan.FromSeconds(5));
        var first = IPAddress.Parse("192.0.2.1");
        Assert.True(quota.TryTake(first, TimeSpan.Zero));
        Assert.False(quota.TryTake(first, TimeSpan.FromSeconds(4.9)));
        Assert.True(quota.TryTake(first, TimeSpan.FromSeconds(5)));
        var taken = Enumerable.Range(0, 1000).Count(i => quota.TryTake(new IPAddress(0x0A000000 + i), TimeSpan.FromSeconds(6)));
        Assert.Equal(DialBackQuota.MaxAddresses - 1, taken);
        Assert.True(quota.TryTake(IPAddress.Loopback, TimeSpan.FromSeconds(11)));
    }

    [Fact]
    public void Any_question_is_read_or_refused()
    {
        byte[][] originals =
        [
            new DoctorQuestion { AgentVersion = "managedswarm/0.1.0" }.ToBytes(),
            new DoctorQuestion { Dial = [Multiaddress.Parse("/ip4/127.0.0.1/tcp/1"), Multiaddress.Parse("/ip6/::1/tcp/2")] }.ToBytes(),
        ];
        Fuzz.Run(33, mutation =>
        {
            Assert.InRange(DoctorQuestion.Parse(mutation.Of(mutation.Pick(originals))).Dial.Count, 0, DoctorProtocol.MaxDials);
            return true;
        });
    }

    [Fact]
    public void Any_answer_is_read_or_refused()
    {
        var address = Multiaddress.Parse("/ip4/127.0.0.1/tcp/1");
        var answer = new DoctorAnswer
        {
            AgentVersion = "managedswarm/0.1.0",
            Clock = DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000),
            Connections = 3,
            ConnectionLimit = 512,
            Observed = address,
            Dialed = [new(address, null, null), new(address, "unreachable", "nobody\nis there")],
            Instance = new byte[] { 1, 2, 3 },
            Refusal = "just now",
        };
        var read = DoctorAnswer.Parse(answer.ToBytes());
        Assert.Equal((answer.Clock, 3, 512, address, "just now"), (read.Clock, read.Connections, read.ConnectionLimit, read.Observed, read.Refusal));
        Assert.Equal([null, "unreachable"], read.Dialed.Select(dial => dial.Code));
        Assert.Equal("nobody?is there", read.Dialed[1].Reason);
        Fuzz.Run(34, mutation =>
        {
            Assert.InRange(DoctorAnswer.Parse(mutation.Of(answer.ToBytes())).Dialed.Count, 0, DoctorProtocol.MaxDials);
            return true;
        });
    }

    private static async Task<DoctorAnswer> AskAsync(IMuxStream stream, IReadOnlyList<Multiaddress> dial)
    {
        await DelimitedMessage.WriteAsync(stream, new DoctorQuestion { Dial = dial }.ToBytes(), Cancellation);
        var bytes = await DelimitedMessage.ReadAsync(stream, DoctorProtocol.MaxBytes, Cancellation);
        return DoctorAnswer.Parse(bytes ?? throw new SwarmException("stream_closed", "no answer"));
    }

    private async Task<IMuxStream> OpenAsync(DoctorNode asker, DoctorNode node)
    {
        var session = await asker.Peer.DialAsync(node.Address, Cancellation);
        await TestPeer.UntilAsync(() => node.Peer.Sessions.Any(other => other.RemotePeer == asker.Id));
        return await session.OpenStreamAsync(DoctorProtocol.Id(new SwarmKeys(_token)), Cancellation);
    }
}
