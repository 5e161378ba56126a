using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Gossip;

namespace ManagedSwarm.Tests.Transport.Libp2p.Gossip;

public sealed class GossipRpcCodecTests
{
    private static readonly GossipOptions Options = new();

    private static readonly GossipRpc Full = new()
    {
        Subscriptions = [new("one", true), new("zwölf", false)],
        Messages = [NewMessage(1, 300), NewMessage(2, 0) with { Signature = default }],
        Haves = [new("one", [new(TestIds.Of(1), 1), new(TestIds.Of(2), ulong.MaxValue)]), new("zwölf", [])],
        Wants = [new(TestIds.Of(3), 1UL << 63)],
        Grafts = ["one"],
        Prunes = [new("one", TimeSpan.FromSeconds(60)), new("zwölf", default)],
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reads_what_it_wrote(bool namesByKey)
    {
        var rpc = WithNames(Full, namesByKey);
        var bytes = rpc.ToBytes();
        Assert.Equal(rpc.EncodedSize, bytes.Length);
        var read = GossipRpcCodec.Read(bytes.Span, Options);
        Assert.Equal(namesByKey, read.NamesByKey);
        Assert.Equal(rpc.Subscriptions, read.Subscriptions);
        Assert.Equal(rpc.Messages.Count, read.Messages.Count);
        foreach (var (expected, actual) in rpc.Messages.Zip(read.Messages))
        {
            Assert.Equal(expected.Id, actual.Id);
            Assert.Equal(expected.Topic, actual.Topic);
            Assert.Equal(expected.Data.ToArray(), actual.Data.ToArray());
            Assert.Equal(expected.Signature.ToArray(), actual.Signature.ToArray());
            Assert.Equal(expected.EncodedSize, actual.EncodedSize);
        }

        Assert.Equal(rpc.Haves.Select(have => have.Topic), read.Haves.Select(have => have.Topic));
        Assert.Equal(rpc.Haves.SelectMany(have => have.Ids), read.Haves.SelectMany(have => have.Ids));
        Assert.Equal(rpc.Wants, read.Wants);
        Assert.Equal(rpc.Grafts, read.Grafts);
        Assert.Equal(rpc.Prunes, read.Prunes);
        Assert.Equal(bytes.ToArray(), read.ToBytes().ToArray());
    }

    [Fact]
    public void Nothing_takes_no_bytes()
    {
        Assert.Empty(new GossipRpc().ToBytes().ToArray());
        Assert.Equal(0, new GossipRpc().EncodedSize);
    }

    [Fact]
    public void Writes_what_the_specification_says()
    {
        var rpc = new GossipRpc { Subscriptions = [new("a", true)], Grafts = ["a"], Prunes = [new("b", TimeSpan.FromSeconds(60))] };
        Assert.Equal("0A050801120161" + "1A0C" + "1A030A0161" + "22050A0162183C", Convert.ToHexString(rpc.ToBytes().Span));
    }

    [Fact]
    public void Leaves_out_messages_that_are_not_complete_and_fields_that_it_does_not_know()
    {
        // No author; a sequence number of one byte; then a field 9.
        var bytes = Convert.FromHexString("1206" + "1201AA" + "220161" + "1203" + "1A0101" + "4A0101");
        var rpc = GossipRpcCodec.Read(bytes, Options);
        Assert.Empty(rpc.Messages);
    }

    [Fact]
    public void Leaves_out_more_than_is_allowed()
    {
        var ids = Enumerable.Range(0, 1_500).Select(i => new GossipMessageId(TestIds.Of(i), 1)).ToList();
        var rpc = new GossipRpc
        {
            Subscriptions = [.. Enumerable.Repeat(new GossipSubscription("a", true), 100), new(new string('a', 257), true)],
            Haves = [new("a", ids)],
            Wants = ids,
            Grafts = [.. Enumerable.Repeat("a", 100)],
            Prunes = [.. Enumerable.Repeat(new GossipPrune("a", default), 100)],
            Messages = [NewMessage(1, 64 << 10)],
        };
        var read = GossipRpcCodec.Read(rpc.ToBytes().Span, Options);
        Assert.Equal(64, read.Subscriptions.Count);
        Assert.Equal(1_000, read.Haves[0].Ids.Count);
        Assert.Equal(1_000, read.Wants.Count);
        Assert.Equal(64, read.Grafts.Count);
        Assert.Equal(64, read.Prunes.Count);
        Assert.Empty(read.Messages);
    }

    [Fact]
    public void Refuses_what_is_larger_than_it_may_be()
    {
        var error = Assert.Throws<SwarmException>(() => GossipRpcCodec.Read(new byte[(1 << 20) + 1], Options));
        Assert.Equal("message_too_large", error.Code);
    }

    [Fact]
    public void A_time_to_wait_that_is_no_time_is_a_day()
    {
        var bytes = Convert.FromHexString("1A10" + "220E" + "0A0162" + "18FFFFFFFFFFFFFFFFFF01");
        Assert.Equal(TimeSpan.FromDays(1), Assert.Single(GossipRpcCodec.Read(bytes, Options).Prunes).Backoff);
    }

    [Fact]
    public void Survives_damaged_messages()
    {
        GossipRpc[] rpcs = [Full, WithNames(Full, true), new() { Messages = Full.Messages }];
        var originals = rpcs.Select(rpc => rpc.ToBytes().ToArray()).ToList();
        Fuzz.Run(1, mutation => GossipRpcCodec.Read(mutation.Of(mutation.Pick(originals)), Options) is not null);
    }

    private static GossipRpc WithNames(GossipRpc rpc, bool namesByKey) => new()
    {
        Subscriptions = rpc.Subscriptions,
        Messages = rpc.Messages,
        Haves = rpc.Haves,
        Wants = rpc.Wants,
        Grafts = rpc.Grafts,
        Prunes = rpc.Prunes,
        NamesByKey = namesByKey,
    };

    private static GossipMessage NewMessage(int author, int bytes) => new()
    {
        From = TestIds.Of(author),
        Data = Enumerable.Range(0, bytes).Select(i => (byte)i).ToArray(),
        SequenceNumber = (ulong)author << 40,
        Topic = "one",
        Signature = new byte[64],
    };
}
