using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Transport.Membership;

public sealed class NodeRecordCodecTests : IDisposable
{
    private const string Network = "0123456789abcdef";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Identity _mine = Identity.FromSeed(new byte[32]);
    private readonly Identity _other = Identity.Generate();
    private readonly NodeRecordCodec _codec;

    public NodeRecordCodecTests() => _codec = new(_mine, Network);

    public void Dispose()
    {
        _mine.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(1ul, false)]
    [InlineData(1_800_000_000_000ul, true)]
    [InlineData((ulong)long.MaxValue, false)]
    public void A_record_is_read_by_others_as_it_was_signed(ulong sequence, bool isTombstone)
    {
        var facts = SampleFacts.Create();
        var signed = _codec.Sign(sequence, Minute, isTombstone, facts);
        var read = new NodeRecordCodec(_other, Network).Read(signed.Bytes);
        foreach (var record in new[] { signed, read })
        {
            Assert.Equal(_mine.PeerId, record.Owner);
            Assert.Equal(sequence, record.Sequence);
            Assert.Equal(Minute, record.TimeToLive);
            Assert.Equal(isTombstone, record.IsTombstone);
            SampleFacts.AssertEqual(facts, record.Facts);
        }

        Assert.Equal(signed.Bytes.ToArray(), read.Bytes.ToArray());
    }

    [Fact]
    public void The_bytes_of_a_record_do_not_change_with_the_program()
    {
        var record = _codec.Sign(7, Minute, isTombstone: false, new NodeFacts { Name = "n", Version = "1" });
        Assert.Equal(
            "01C441"
            + "95" + "C426" + Convert.ToHexString(_mine.PeerId.Bytes.Span) + "07" + "CDEA60" + "00"
            + "9B" + "A16E" + "A131" + "90" + "A3637075" + "00" + "00" + "00" + "90" + "90" + "920000" + "90"
            + "C440",
            Convert.ToHexString(record.Bytes.Span)[..^128]);

        // As nodes write them that do not know their memory's bandwidth.
        Assert.Equal(0, _codec.Read(record.Bytes).Facts.MemoryBandwidth);
    }

    [Fact]
    public void A_record_is_not_anothers_buffer()
    {
        var bytes = _codec.Sign(7, Minute, isTombstone: false, SampleFacts.Create()).Bytes.ToArray();
        var original = bytes.ToArray();
        var record = _codec.Read(bytes);
        bytes.AsSpan().Clear();
        Assert.Equal(original, record.Bytes.ToArray());
    }

    [Fact]
    public void A_record_of_another_network_is_forged()
    {
        var record = new NodeRecordCodec(_mine, "fedcba9876543210").Sign(7, Minute, isTombstone: false, SampleFacts.Create());
        Refuses("forged_record", record.Bytes, _mine.PeerId.ToString());
    }

    [Fact]
    public void A_record_that_somebody_else_signed_is_forged()
    {
        var payload = new RecordPayload(_mine.PeerId, 7, Minute, IsTombstone: true, SampleFacts.Create()).ToBytes();
        Refuses("forged_record", RecordBytes.Signed(_other, Network, payload), "has not signed it");
        Assert.True(_codec.Read(RecordBytes.Signed(_mine, Network, payload)).IsTombstone);
    }

    [Fact]
    public void A_record_with_one_bit_changed_is_refused()
    {
        var original = _codec.Sign(7, Minute, isTombstone: false, SampleFacts.Create()).Bytes.ToArray();
        for (var i = 0; i < original.Length; i++)
        {
            var bytes = original.ToArray();
            bytes[i] ^= 0x10;
            var error = Assert.Throws<SwarmException>(() => _codec.Read(bytes));
            Assert.Contains(error.Code, RecordBytes.Codes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    public void A_signature_of_another_length_is_forged(int length)
    {
        var payload = new RecordPayload(_mine.PeerId, 7, Minute, IsTombstone: false, SampleFacts.Create()).ToBytes();
        Refuses("forged_record", RecordEnvelope.Write(payload, new byte[length]), "has not signed it");
    }

    [Fact]
    public void An_owner_that_is_known_by_a_hash_only_is_refused()
    {
        var owner = PeerId.Parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
        var payload = new RecordPayload(owner, 7, Minute, IsTombstone: false, SampleFacts.Create()).ToBytes();
        Refuses("invalid_record", RecordBytes.Signed(_mine, Network, payload), "allowed are Ed25519's");
    }

    [Fact]
    public void An_owner_with_a_key_of_another_type_is_refused()
    {
        // A secp256k1 key of 33 bytes, as it stands in a peer id.
        var owner = PeerId.FromPublicKeyMessage([0x08, 0x02, 0x12, 0x21, 0x02, .. new byte[32]]);
        var payload = new RecordPayload(owner, 7, Minute, IsTombstone: false, SampleFacts.Create()).ToBytes();
        Refuses("invalid_record", RecordBytes.Signed(_mine, Network, payload), "Secp256k1");
    }

    [Fact]
    public void Addresses_of_others_are_refused()
    {
        var facts = SampleFacts.Create() with { Addresses = [Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001").WithPeerId(_other.PeerId)] };
        var payload = new RecordPayload(_mine.PeerId, 7, Minute, IsTombstone: false, facts).ToBytes();
        Refuses("invalid_record", RecordBytes.Signed(_mine, Network, payload), "another peer's address");
        Assert.Empty(_codec.Sign(7, Minute, isTombstone: false, facts).Facts.Addresses);
    }

    [Fact]
    public void A_record_that_is_too_long_is_refused_unread()
    {
        Refuses("record_too_large", new byte[RecordLimits.MaxBytes + 1], "has 16385 bytes; allowed are 16384");
        Refuses("invalid_record", new byte[RecordLimits.MaxBytes], "its version is 0; known is 1");
    }

    [Fact]
    public void An_unknown_version_is_refused_and_named()
    {
        var bytes = _codec.Sign(7, Minute, isTombstone: false, SampleFacts.Create()).Bytes.ToArray();
        bytes[0] = 2;
        Refuses("invalid_record", bytes, "its version is 2; known is 1");
    }

    [Fact]
    public void What_is_too_much_for_a_record_is_left_out()
    {
        var facts = SampleFacts.Create() with
        {
            Name = new string('n', 63) + "é\u001b[2J",
            Roles = [.. Enumerable.Repeat("role", 20), new string('r', 33)],
            Cores = -1,
            FreeMemory = -1,
            Models = [new("bad\nid", SampleFacts.Hash('c'), 1), .. Enumerable.Range(0, 100).Select(i => new ModelFacts(new string('m', 125) + $"{i:D3}", SampleFacts.Hash('c'), 1L << 40))],
            Layers = [.. Enumerable.Range(0, 100).Select(i => new HeldLayers(SampleFacts.Hash('d'), 2 * i, (2 * i) + 1)), new("", 3, 3)],
            Addresses = [.. Enumerable.Range(1, 50).Select(i => Multiaddress.Parse($"/dns4/{new string('h', 250)}/tcp/{i}"))],
        };
        var record = _codec.Sign(7, Minute, isTombstone: false, facts);
        Assert.InRange(record.Bytes.Length, RecordLimits.MaxBytes - 500, RecordLimits.MaxBytes);
        Assert.Equal(new string('n', 63), record.Facts.Name);
        Assert.Equal(RecordLimits.MaxRoles, record.Facts.Roles.Count);
        Assert.Equal(0, record.Facts.Cores);
        Assert.Equal(0, record.Facts.FreeMemory);
        Assert.InRange(record.Facts.Models.Count, 1, RecordLimits.MaxModels - 1);
        Assert.Equal(facts.Models[1], record.Facts.Models[0]);
        Assert.Equal(RecordLimits.MaxLayerRanges, record.Facts.Layers.Count);
        Assert.Equal(RecordLimits.MaxAddresses, record.Facts.Addresses.Count);
        SampleFacts.AssertEqual(record.Facts, _codec.Read(record.Bytes).Facts);
    }

    [Fact]
    public void Numbers_and_times_out_of_range_are_not_signed()
    {
        var facts = SampleFacts.Create();
        Assert.Throws<ArgumentOutOfRangeException>(() => _codec.Sign(0, Minute, isTombstone: false, facts));
        Assert.Throws<ArgumentOutOfRangeException>(() => _codec.Sign(1ul << 63, Minute, isTombstone: false, facts));
        Assert.Throws<ArgumentOutOfRangeException>(() => _codec.Sign(1, TimeSpan.FromHours(2), isTombstone: false, facts));
        Assert.Throws<ArgumentOutOfRangeException>(() => _codec.Sign(1, TimeSpan.Zero, isTombstone: false, facts));
    }

    private void Refuses(string code, ReadOnlyMemory<byte> bytes, string message)
    {
        var error = Assert.Throws<SwarmException>(() => _codec.Read(bytes));
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
