using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using MessagePack;
using static ManagedSwarm.Tests.Transport.Membership.RecordBytes;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>A node may sign whatever it likes: each rule of what a record may say, broken.</summary>
public sealed class RecordPayloadTests : IDisposable
{
    private readonly Identity _owner = Identity.FromSeed(new byte[32]);

    public void Dispose() => _owner.Dispose();

    [Fact]
    public void A_payload_with_nothing_wrong_is_read()
    {
        var record = Read(PayloadWith(_owner.PeerId, "nothing", (ref _) => { }));
        Assert.Equal("name", record.Facts.Name);
        Assert.Equal(TimeSpan.FromMinutes(1), record.TimeToLive);
    }

    [Theory]
    [InlineData("sequence", 0, "sequence number is 0; allowed are 1 to")]
    [InlineData("sequence", -1, "sequence number is -1")]
    [InlineData("time to live", 999, "time to live is 999; allowed are 1000 to 3600000")]
    [InlineData("time to live", 3_600_001, "time to live is 3600001")]
    [InlineData("flags", -1, "flags is -1")]
    [InlineData("cores", -1, "cores is -1")]
    [InlineData("cores", 1L << 31, "cores is 2147483648")]
    [InlineData("total memory", -1, "total memory is -1")]
    [InlineData("free memory", -1, "free memory is -1")]
    [InlineData("memory bandwidth", -1, "memory bandwidth is -1")]
    [InlineData("owner", 7, "owner is not a binary value")]
    [InlineData("name", 7, "name, at byte")]
    [InlineData("facts", 7, "facts, at byte")]
    [InlineData("load", 7, "load, at byte")]
    public void A_number_out_of_range_or_place_is_refused(string name, long value, string message) =>
        Refuses(name, (ref writer) => writer.Write(value), message);

    [Fact]
    public void A_sequence_number_beyond_63_bits_is_refused() =>
        Refuses("sequence", (ref writer) => writer.Write(1ul << 63), "sequence number");

    [Theory]
    [InlineData("name", 65, "name has 65 characters; allowed are 64 bytes")]
    [InlineData("version", 33, "version has 33 characters")]
    [InlineData("device", 33, "device has 33 characters")]
    public void Text_that_is_too_long_is_refused(string name, int length, string message) =>
        Refuses(name, (ref writer) => writer.Write(new string('x', length)), message);

    [Theory]
    [InlineData("\u001b[2J")]
    [InlineData("a\nb")]
    [InlineData("\u202e")]
    [InlineData("\u2028")]
    [InlineData("\u0000")]
    public void Text_that_would_draw_on_a_terminal_is_refused(string text) =>
        Refuses("name", (ref writer) => writer.Write(text), "none of them a control character");

    [Theory]
    [InlineData("record", 4)]
    [InlineData("facts", 10)]
    public void Missing_values_are_refused(string name, int count) =>
        Refuses(name, (ref writer) => writer.WriteArrayHeader(count), $"has {count} elements; expected are at least");

    [Fact]
    public void Lists_that_are_too_long_are_refused()
    {
        RefusesList("roles", RecordLimits.MaxRoles, (ref writer) => writer.Write("role"));
        RefusesList("models", RecordLimits.MaxModels, (ref writer) => WriteModel(ref writer, "m", []));
        RefusesList("layers", RecordLimits.MaxLayerRanges, (ref writer) => WriteLayers(ref writer, 0, 1));
        RefusesList("addresses", RecordLimits.MaxAddresses, (ref writer) => writer.Write([4, 127, 0, 0, 1]));
    }

    [Fact]
    public void A_model_with_a_wrong_hash_id_or_size_is_refused()
    {
        RefusesOne("models", (ref writer) => WriteModel(ref writer, "m", new byte[31]), "a hash has 31 bytes; allowed are 0 and 32");
        RefusesOne("models", (ref writer) => WriteModel(ref writer, "m", new byte[33]), "a hash: 33 bytes; allowed are 32");
        RefusesOne("models", (ref writer) => WriteModel(ref writer, new string('m', 129), []), "a model's id has 129 characters");
        RefusesOne("models", (ref writer) => writer.WriteArrayHeader(2), "a model has 2 elements; expected are at least 3");
    }

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(3, 3)]
    [InlineData(3, 2)]
    [InlineData(0, 65_537)]
    public void Layers_out_of_range_are_refused(int first, int end) =>
        RefusesOne("layers", (ref writer) => WriteLayers(ref writer, first, end), "layer");

    [Fact]
    public void An_address_that_is_too_long_is_refused() =>
        RefusesOne("addresses", (ref writer) => writer.Write(new byte[321]), "an address: 321 bytes; allowed are 320");

    [Fact]
    public void An_address_that_is_not_understood_is_left_out()
    {
        var record = Read(PayloadWith(_owner.PeerId, "addresses", (ref writer) =>
        {
            writer.WriteArrayHeader(2);
            writer.Write([0xFF, 0x7F, 1, 2, 3]);
            writer.Write(Multiaddress.Parse("/ip4/127.0.0.1/tcp/4001").Bytes.Span);
        }));
        Assert.Equal("/ip4/127.0.0.1/tcp/4001", Assert.Single(record.Facts.Addresses).ToString());
    }

    [Fact]
    public void What_later_versions_add_is_passed_over()
    {
        AssertRead("record", "later values", 6);
        AssertRead("facts", "later facts", 13);
        Assert.Equal((1, 2), ReadLoad(4));
        Assert.True(Read(PayloadWith(_owner.PeerId, "flags", (ref writer) => writer.Write(0b111))).IsTombstone);
    }

    [Fact]
    public void Bytes_behind_the_payload_are_refused()
    {
        byte[] payload = [.. PayloadWith(_owner.PeerId, "nothing", (ref _) => { }), 0];
        Assert.Equal("invalid_record", Assert.Throws<SwarmException>(() => Read(payload)).Code);
    }

    private static void WriteModel(ref MessagePackWriter writer, string id, byte[] hash)
    {
        writer.WriteArrayHeader(3);
        writer.Write(id);
        writer.Write(hash);
        writer.Write(1);
    }

    private static void WriteLayers(ref MessagePackWriter writer, int first, int end)
    {
        writer.WriteArrayHeader(3);
        writer.WriteBinHeader(0);
        writer.Write(first);
        writer.Write(end);
    }

    /// <summary>The head says that there is one more value, which is a map of a list.</summary>
    private void AssertRead(string head, string place, int count)
    {
        var longer = PayloadWith(_owner.PeerId, place, (ref writer) =>
        {
            writer.WriteMapHeader(1);
            writer.Write("key");
            writer.WriteArrayHeader(1);
            writer.WriteNil();
        });
        // Fixed arrays have their length in the low half of their first byte.
        var at = head == "record" ? 0 : Array.IndexOf(longer, (byte)0x9C);
        longer[at] = (byte)(0x90 + count);
        Assert.Equal("name", Read(longer).Facts.Name);
    }

    private (int InFlight, int Queued) ReadLoad(int elements)
    {
        var load = Read(PayloadWith(_owner.PeerId, "load", (ref writer) =>
        {
            writer.WriteArrayHeader(elements);
            writer.Write(1);
            writer.Write(2);
            writer.Write(3);
            writer.Write("later");
        })).Facts.Load;
        return (load.InFlight, load.Queued);
    }

    private NodeRecord Read(byte[] payload) => new NodeRecordCodec(_owner, "n").Read(Signed(_owner, "n", payload));

    private void RefusesList(string name, int allowed, Write element) => Refuses(
        name,
        (ref writer) =>
        {
            writer.WriteArrayHeader(allowed + 1);
            for (var i = 0; i <= allowed; i++)
            {
                element(ref writer);
            }
        },
        $"{name}: {allowed + 1} elements; allowed are {allowed}");

    private void RefusesOne(string name, Write element, string message) => Refuses(
        name,
        (ref writer) =>
        {
            writer.WriteArrayHeader(1);
            element(ref writer);
        },
        message);

    private void Refuses(string name, Write write, string message)
    {
        var payload = PayloadWith(_owner.PeerId, name, write);
        var error = Assert.Throws<SwarmException>(() => Read(payload));
        Assert.Equal("invalid_record", error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
