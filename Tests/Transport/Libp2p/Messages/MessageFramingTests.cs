using System.Buffers;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Messages;

namespace ManagedSwarm.Tests.Transport.Libp2p.Messages;

public sealed class MessageFramingTests
{
    public static TheoryData<bool> Framings => [false, true];

    [Theory]
    [MemberData(nameof(Framings))]
    public void Takes_messages_from_pieces_of_any_size(bool isPrefix)
    {
        var (framing, output) = (Find(isPrefix), new ArrayBufferWriter<byte>());
        byte[][] messages = [[1], new byte[127], new byte[128], new byte[20_000], [2, 3]];
        foreach (var message in messages)
        {
            framing.Write(output, message);
        }

        foreach (var size in new[] { 1, 3, 1_000, 1 << 20 })
        {
            var (rest, taken) = (Pieces.Of(output.WrittenSpan.ToArray(), size), new List<byte[]>());
            while (framing.TryTake(ref rest, 20_000, out var message))
            {
                taken.Add(message.ToArray());
            }

            Assert.Equal(messages, taken);
            Assert.True(rest.IsEmpty);
        }
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public void Waits_for_all_of_a_message(bool isPrefix)
    {
        var (framing, output) = (Find(isPrefix), new ArrayBufferWriter<byte>());
        framing.Write(output, new byte[300]);
        for (var length = 0; length < output.WrittenCount; length++)
        {
            var buffer = new ReadOnlySequence<byte>(output.WrittenMemory[..length]);
            Assert.False(framing.TryTake(ref buffer, 300, out _));
            Assert.Equal(length, buffer.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public void Refuses_a_message_that_is_too_long_before_it_has_come(bool isPrefix)
    {
        var (framing, output) = (Find(isPrefix), new ArrayBufferWriter<byte>());
        framing.Write(output, new byte[301]);
        var buffer = new ReadOnlySequence<byte>(output.WrittenMemory[..4]);
        var error = Assert.Throws<SwarmException>(() => framing.TryTake(ref buffer, 300, out _));
        Assert.Equal(isPrefix ? "frame_too_large" : "message_too_large", error.Code);
    }

    [Fact]
    public void Refuses_a_length_that_is_none()
    {
        var buffer = new ReadOnlySequence<byte>([0x80, 0x00]);
        Assert.Equal("invalid_message", Assert.Throws<SwarmException>(() => VarintFraming.Instance.TryTake(ref buffer, 300, out _)).Code);
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public void Survives_damaged_streams(bool isPrefix)
    {
        var (framing, output) = (Find(isPrefix), new ArrayBufferWriter<byte>());
        framing.Write(output, new byte[3]);
        framing.Write(output, new byte[200]);
        var original = output.WrittenSpan.ToArray();
        Fuzz.Run(7, mutation =>
        {
            var buffer = new ReadOnlySequence<byte>(mutation.Of(original));
            var count = 0;
            while (framing.TryTake(ref buffer, 300, out _))
            {
                count++;
            }

            return count == 2 && buffer.IsEmpty;
        });
    }

    private static IMessageFraming Find(bool isPrefix) => isPrefix ? PrefixFraming.Instance : VarintFraming.Instance;
}
