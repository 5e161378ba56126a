using System.Text;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Noise;

namespace ManagedSwarm.Tests.Transport.Libp2p.Noise;

/// <summary>What a handshake carries: read by the specification, and refused where it is no message.</summary>
public sealed class HandshakePayloadTests
{
    private static readonly HandshakePayload Sample = new([8, 1, 18, 1, 7], [5, 6], ["/yamux/1.0.0", "/mplex/6.7.0"]);

    [Fact]
    public void Is_written_as_the_specification_says()
    {
        const string Expected = "0a05080112010712020506" + "221c" + "120c2f79616d75782f312e302e30" + "120c2f6d706c65782f362e372e30";
        Assert.Equal(Expected, Convert.ToHexStringLower(Sample.ToBytes()));
        Assert.Equal("0a0108120109", Convert.ToHexStringLower(new HandshakePayload([8], [9], []).ToBytes()));
    }

    [Fact]
    public void Is_read_as_it_was_written()
    {
        var payload = HandshakePayload.Parse(Sample.ToBytes());
        Assert.Equal(Sample.IdentityKey, payload.IdentityKey);
        Assert.Equal(Sample.Signature, payload.Signature);
        Assert.Equal(Sample.Muxers, payload.Muxers);
    }

    [Fact]
    public void Unknown_fields_and_extensions_are_passed_over()
    {
        // Certificate hashes, field 1025 (code points above 1024 are for experiments), early data of an older revision.
        var extensions = (byte[])[10, 2, 1, 2, 0x8a, 0x40, 3, 9, 9, 9, 18, 2, (byte)'/', (byte)'y'];
        var payload = HandshakePayload.Parse([26, 1, 7, 34, (byte)extensions.Length, .. extensions, 10, 1, 8, 0x98, 0x06, 0x7f]);
        Assert.Equal(["/y"], payload.Muxers);
        Assert.Equal([8], payload.IdentityKey);
        Assert.Empty(payload.Signature);
    }

    [Theory]
    [InlineData("0a05")]
    [InlineData("0affffffff0f")]
    [InlineData("220312ff01")]
    [InlineData("2203120280")]
    [InlineData("2204120280ff")]
    [InlineData("0801")]
    public void What_is_no_message_is_refused(string hex)
    {
        var exception = Assert.Throws<SwarmException>(() => HandshakePayload.Parse(Convert.FromHexString(hex)));
        Assert.Equal("invalid_message", exception.Code);
    }

    [Fact]
    public void A_hundred_thousand_damaged_payloads_are_read_or_refused()
    {
        var random = new Random(1);
        var original = Sample.ToBytes();
        var refused = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var bytes = Mutation.Apply(original, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var payload = HandshakePayload.Parse(bytes);
                Assert.InRange(payload.Muxers.Sum(Encoding.UTF8.GetByteCount), 0, bytes.Length);
            }
            catch (SwarmException exception)
            {
                Assert.Equal("invalid_message", exception.Code);
                refused++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
        }

        Assert.InRange(refused, 25_000, 99_000);
    }
}
