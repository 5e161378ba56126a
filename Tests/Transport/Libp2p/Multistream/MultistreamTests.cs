using System.Text;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Multistream;

namespace ManagedSwarm.Tests.Transport.Libp2p.Multistream;

/// <summary>multistream-select 1.0: both sides, byte by byte, and strangers that speak something else.</summary>
public sealed class MultistreamTests
{
    private const string Header = "\u0013/multistream/1.0.0\n";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_sides_agree_on_the_first_protocol_that_the_listener_serves()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        var heard = MultistreamListener.SelectAsync(listener, protocol => protocol is "/b" or "/c", CancellationToken).AsTask();
        Assert.Equal("/b", await MultistreamDialer.SelectAsync(dialer, ["/a", "/b", "/c"], CancellationToken));
        Assert.Equal("/b", await heard);
        Assert.Equal(["\u0013/multistream/1.0.0\n\u0003/a\n", "\u0003/b\n"], dialer.Writes.Select(Encoding.UTF8.GetString));
        Assert.Equal([Header, "\u0003na\n", "\u0003/b\n"], listener.Writes.Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public async Task A_dialer_hears_that_nothing_is_served()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        var heard = MultistreamListener.SelectAsync(listener, _ => false, CancellationToken).AsTask();
        var exception = await Assert.ThrowsAsync<SwarmException>(() => MultistreamDialer.SelectAsync(dialer, ["/a", "/b"], CancellationToken).AsTask());
        Assert.Equal(("protocol_refused", "The other side does not serve /a, /b."), (exception.Code, exception.Message));
        await dialer.CloseWriteAsync(CancellationToken);
        Assert.Equal("connection_lost", (await Assert.ThrowsAsync<SwarmException>(() => heard)).Code);
    }

    [Fact]
    public async Task Lines_of_127_and_more_bytes_have_a_length_of_two_bytes()
    {
        foreach (var length in (int[])[126, 127, 128, 300, MultistreamLine.MaxLength - 1])
        {
            var protocol = "/" + new string('x', length - 1);
            var (dialer, listener) = MemoryDuplex.CreatePair();
            var heard = MultistreamListener.SelectAsync(listener, _ => true, CancellationToken).AsTask();
            Assert.Equal(protocol, await MultistreamDialer.SelectAsync(dialer, [protocol], CancellationToken));
            Assert.Equal(protocol, await heard);
        }

        Assert.Throws<ArgumentException>(() => MultistreamLine.Encode([new string('x', MultistreamLine.MaxLength)]));
        Assert.Throws<ArgumentException>(() => MultistreamLine.Encode(["/a\nb"]));
    }

    [Fact]
    public async Task What_follows_a_negotiation_is_left_where_it_is()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        await dialer.WriteAsync(MultistreamDialer.ProposeLazily("/a", "first words"u8), CancellationToken);
        Assert.Equal("/a", await MultistreamListener.SelectAsync(listener, protocol => protocol == "/a", CancellationToken));
        var buffer = new byte[100];
        Assert.Equal("first words", Encoding.UTF8.GetString(buffer, 0, await listener.ReadAsync(buffer, CancellationToken)));
    }

    [Fact]
    public async Task A_listener_hears_no_more_than_sixteen_proposals()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        await dialer.WriteAsync(MultistreamLine.Encode(["/multistream/1.0.0", .. Enumerable.Range(0, 17).Select(i => $"/{i}")]), CancellationToken);
        var exception = await Assert.ThrowsAsync<SwarmException>(
            () => MultistreamListener.SelectAsync(listener, protocol => protocol == "/16", CancellationToken).AsTask());
        Assert.Equal("protocol_refused", exception.Code);
        Assert.Equal(1 + MultistreamListener.MaxProposals, listener.Writes.Count);
    }

    [Fact]
    public async Task A_listener_says_nothing_before_it_has_heard_a_header()
    {
        var (dialer, listener) = MemoryDuplex.CreatePair();
        await dialer.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), CancellationToken);
        await dialer.CloseWriteAsync(CancellationToken);
        await Assert.ThrowsAsync<SwarmException>(() => MultistreamListener.SelectAsync(listener, _ => true, CancellationToken).AsTask());
        Assert.Empty(listener.Writes);
    }

    [Theory]
    [InlineData("", "connection_lost")]
    [InlineData("\u0013/multistream", "connection_lost")]
    [InlineData("\u0013/multistream/2.0.0\n", "invalid_message")]
    [InlineData("\u0013/multistream/1.0.0.", "invalid_message")]
    [InlineData("\0", "invalid_message")]
    [InlineData("\u0013/multistream/1.0.0\n\u0003no\n", "invalid_message")]
    public async Task A_dialer_refuses_what_is_no_answer(string answer, string code)
    {
        var duplex = MemoryDuplex.Saying(Encoding.Latin1.GetBytes(answer));
        var exception = await Assert.ThrowsAsync<SwarmException>(() => MultistreamDialer.SelectAsync(duplex, ["/a"], CancellationToken).AsTask());
        Assert.Equal(code, exception.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("132f6d756c746973747265616d2f312e302e300a")]
    public async Task A_giant_or_wrong_length_is_refused_before_its_line_is_read(string before)
    {
        // 1025; the largest of two, three and five bytes; none; three, longer than it needs to be.
        foreach (var length in (string[])["8108", "ff7f", "ffff7f", "ffffffff0f", "00", "8300"])
        {
            await AssertInvalidAsync(Convert.FromHexString(before + length));
        }
    }

    private static async Task AssertInvalidAsync(byte[] bytes)
    {
        var duplex = MemoryDuplex.Saying(bytes);
        var exception = await Assert.ThrowsAsync<SwarmException>(() => MultistreamListener.SelectAsync(duplex, _ => true, CancellationToken).AsTask());
        Assert.Equal("invalid_message", exception.Code);
    }

    [Theory]
    [InlineData("03c3280a")]
    [InlineData("042f0a2f0a")]
    public async Task Text_that_is_not_utf8_or_not_one_line_is_refused(string hex)
    {
        await AssertInvalidAsync([.. MultistreamLine.Encode(["/multistream/1.0.0"]), .. Convert.FromHexString(hex)]);
    }

    [Fact]
    public async Task A_hundred_thousand_damaged_dialogues_are_understood_or_refused()
    {
        var random = new Random(1);
        var dialer = MultistreamLine.Encode(["/multistream/1.0.0", "/a", "/managedswarm/step/1.0.0"], "data"u8);
        var answer = MultistreamLine.Encode(["/multistream/1.0.0", "na", "/managedswarm/step/1.0.0"], "data"u8);
        var refused = 0;
        for (var i = 0; i < 100_000; i++)
        {
            try
            {
                if (i % 2 == 0)
                {
                    await MultistreamListener.SelectAsync(MemoryDuplex.Saying(Mutation.Apply(dialer, random)), name => name.Length > 4, CancellationToken);
                }
                else
                {
                    var duplex = MemoryDuplex.Saying(Mutation.Apply(answer, random));
                    await MultistreamDialer.SelectAsync(duplex, ["/a", "/managedswarm/step/1.0.0"], CancellationToken);
                }
            }
            catch (SwarmException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 25_000, 99_000);
    }
}
