using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p.Yamux;

namespace ManagedSwarm.Tests.Transport.Libp2p.Yamux;

public sealed class FrameParserTests
{
    private const int FuzzInputs = 100_000;

    [Fact]
    public void A_header_is_twelve_bytes_in_network_order()
    {
        var bytes = new byte[FrameHeader.Size];
        var header = new FrameHeader(FrameType.WindowUpdate, FrameFlags.Syn | FrameFlags.Rst, 0x01020304, 0xA0B0C0D0);
        header.Write(bytes);
        Assert.Equal("00010009" + "01020304" + "A0B0C0D0", Convert.ToHexString(bytes));
        Assert.Equal(header, FrameHeader.Read(bytes));
    }

    [Theory]
    [InlineData("010000000000000100000000", "the version of a frame is 1")]
    [InlineData("000400000000000100000000", "the type of a frame is 4")]
    public void Rejects_what_the_specification_does_not_have(string hex, string part)
    {
        var error = Assert.Throws<SwarmException>(() => new FrameParser(new Recorder()).Feed(Convert.FromHexString(hex)));
        Assert.Equal("protocol_violation", error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Finds_the_same_frames_wherever_the_bytes_are_cut()
    {
        var random = new Random(1);
        var bytes = MakeFrames(random, 200);
        var whole = new Recorder();
        new FrameParser(whole).Feed(bytes);
        Assert.Equal(200, whole.Ended);
        for (var round = 0; round < 200; round++)
        {
            var recorder = new Recorder();
            FeedInPieces(new FrameParser(recorder), bytes, random);
            Assert.Equal(whole.Text, recorder.Text);
        }
    }

    [Fact]
    public void Hands_on_a_payload_before_it_is_complete()
    {
        var recorder = new Recorder();
        var parser = new FrameParser(recorder);
        var bytes = new byte[FrameHeader.Size + 5];
        new FrameHeader(FrameType.Data, FrameFlags.None, 1, uint.MaxValue).Write(bytes);
        parser.Feed(bytes);
        Assert.Equal((5, 0), (recorder.PayloadBytes, recorder.Ended));
    }

    [Fact]
    public void Survives_any_bytes()
    {
        var random = new Random(2);
        var template = MakeFrames(random, 8);
        var rejected = 0;
        for (var input = 0; input < FuzzInputs; input++)
        {
            var bytes = Mutate(template, random);
            var recorder = new Recorder();
            try
            {
                FeedInPieces(new FrameParser(recorder), bytes, random);
            }
            catch (SwarmException error) when (error.Code == "protocol_violation")
            {
                rejected++;
            }

            Assert.True((recorder.Begun * FrameHeader.Size) + recorder.PayloadBytes <= bytes.Length);
        }

        Assert.InRange(rejected, FuzzInputs / 20, FuzzInputs - (FuzzInputs / 20));
    }

    private static byte[] MakeFrames(Random random, int count)
    {
        using var all = new MemoryStream();
        var bytes = new byte[FrameHeader.Size];
        for (var i = 0; i < count; i++)
        {
            var type = (FrameType)random.Next(4);
            var header = new FrameHeader(type, (FrameFlags)random.Next(16), (uint)random.Next(9), (uint)random.Next(40));
            header.Write(bytes);
            all.Write(bytes);
            all.Write(TestStreams.RandomBytes((int)header.PayloadLength, i));
        }

        return all.ToArray();
    }

    private static byte[] Mutate(byte[] template, Random random)
    {
        var bytes = template[..random.Next(1, template.Length)];
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static void FeedInPieces(FrameParser parser, ReadOnlySpan<byte> bytes, Random random)
    {
        while (!bytes.IsEmpty)
        {
            var count = random.Next(1, Math.Min(bytes.Length, 50) + 1);
            parser.Feed(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    private sealed class Recorder : IFrameHandler
    {
        private readonly System.Text.StringBuilder _text = new();

        public int Begun { get; private set; }

        public int Ended { get; private set; }

        public int PayloadBytes { get; private set; }

        public string Text => _text.ToString();

        public void BeginFrame(in FrameHeader header)
        {
            Begun++;
            _text.Append(header);
        }

        public void Payload(ReadOnlySpan<byte> part)
        {
            PayloadBytes += part.Length;
            _text.Append(Convert.ToHexString(part));
        }

        public void EndFrame() => Ended++;
    }
}
