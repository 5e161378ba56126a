using System.Buffers;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Messages;

namespace ManagedSwarm.Tests.Transport.Membership.Messages;

/// <summary>One message of each kind, and frames of them.</summary>
internal static class MemberMessages
{
    public static readonly PeerId First = Peer(1);

    public static readonly PeerId Second = Peer(2);

    public static IReadOnlyList<MemberMessage> Samples =>
    [
        new MemberMessage.Hello(1, 1_800_000_000_000),
        new MemberMessage.Probe(7),
        new MemberMessage.Answer(uint.MaxValue),
        new MemberMessage.ProbeRequest(First, 300),
        new MemberMessage.ProbeReport(Second, 70_000, IsAlive: true),
        new MemberMessage.Suspect(First, ulong.MaxValue),
        new MemberMessage.Summary(Summary()),
        new MemberMessage.Digest(ulong.MaxValue, [.. Enumerable.Range(0, 20).Select(i => new DigestEntry(Peer((byte)i), 1UL << i))]),
        new MemberMessage.Digest(3, []),
        new MemberMessage.Records([new byte[] { 1, 2, 3 }, new byte[300], Array.Empty<byte>()]),
        new MemberMessage.Want([First, Second]),
        new MemberMessage.Keep(IsNeeded: false),
    ];

    public static PeerId Peer(byte number) => PeerId.FromPublicKeyMessage([8, 1, 18, 32, .. Enumerable.Repeat(number, 32)]);

    public static byte[] Frame(MemberMessage message)
    {
        var output = new ArrayBufferWriter<byte>();
        MemberMessageCodec.Write(new FrameWriter(output, MemberMessageLimits.Frames), message);
        return output.WrittenSpan.ToArray();
    }

    private static LedgerSummary Summary()
    {
        var summary = new LedgerSummary();
        for (var i = 0UL; i < 1000; i++)
        {
            summary.Toggle(LedgerSummary.Mix(i), i);
        }

        return summary;
    }
}
