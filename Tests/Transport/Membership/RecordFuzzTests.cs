using System.Buffers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Transport.Membership;

/// <summary>Damaged records: each layer is read or refused. A damaged one with a right signature is what a hostile member can send.</summary>
public sealed class RecordFuzzTests
{
    [Fact]
    public void A_damaged_payload_is_read_or_refused()
    {
        using var owner = Identity.FromSeed(new byte[32]);
        var original = new RecordPayload(owner.PeerId, 7, TimeSpan.FromMinutes(1), IsTombstone: false, SampleFacts.Create()).ToBytes();
        Fuzz.Run(1, mutation =>
        {
            var payload = RecordPayload.Read(new ReadOnlySequence<byte>(mutation.Of(original)));
            Assert.InRange(payload.Facts.Models.Count, 0, RecordLimits.MaxModels);
            Assert.InRange(payload.TimeToLive, RecordLimits.MinTimeToLive, RecordLimits.MaxTimeToLive);
            return true;
        });
    }

    [Fact]
    public void A_damaged_envelope_is_read_or_refused()
    {
        var original = RecordEnvelope.Write(new byte[100], new byte[64]);
        Fuzz.Run(2, mutation =>
        {
            var bytes = mutation.Of(original);
            Assert.InRange(RecordEnvelope.Read(bytes).Payload.Length, 0, bytes.Length);
            return true;
        });
    }

    [Fact]
    public void What_a_damaged_payload_says_can_be_signed_and_read_again()
    {
        using var owner = Identity.FromSeed(new byte[32]);
        var codec = new NodeRecordCodec(owner, "n");
        var original = new RecordPayload(owner.PeerId, 7, TimeSpan.FromMinutes(1), IsTombstone: false, SampleFacts.Create()).ToBytes();
        var mutation = new Mutation(3);
        var read = 0;
        for (var i = 0; i < 2000; i++)
        {
            var bytes = RecordBytes.Signed(owner, "n", mutation.Of(original));
            try
            {
                var record = codec.Read(bytes);
                SampleFacts.AssertEqual(record.Facts, codec.Read(codec.Sign(1, record.TimeToLive, isTombstone: true, record.Facts).Bytes).Facts);
                read++;
            }
            catch (ManagedSwarm.Transport.SwarmException exception)
            {
                Assert.Contains(exception.Code, RecordBytes.Codes);
            }
        }

        Assert.InRange(read, 50, 1950);
    }
}
