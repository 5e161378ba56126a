using System.Buffers;
using System.IO.Pipelines;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>Frames have the layout that is written down, and none leaves that the other side would refuse.</summary>
public sealed class FrameWriterTests
{
    private static readonly FrameLimits Small = new() { MaxFrameBytes = 100, MaxBinaryBytes = 99 };

    [Fact]
    public void Has_the_layout_that_is_written_down()
    {
        var bytes = FrameBytes.Written(frames =>
        {
            var writer = frames.Begin();
            writer.Write(5);
            frames.End(ref writer, [0xA, 0xB]);
        });
        Assert.Equal([5, 0, 0, 0, 0x05, 0xC4, 2, 0xA, 0xB], bytes);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(65_400)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public void Writes_raw_bytes_of_any_size(int size)
    {
        var binary = new byte[size];
        new Random(size).NextBytes(binary);
        var bytes = new ReadOnlySequence<byte>(FrameBytes.Written(frames =>
        {
            var writer = frames.Begin();
            writer.Write(5);
            frames.End(ref writer, binary);
        }));
        Assert.True(FramePrefix.TryTake(ref bytes, int.MaxValue, out var frame));
        Assert.True(bytes.IsEmpty);
        var decoder = new FrameDecoder(frame, FrameLimits.Default);
        Assert.Equal(5, decoder.ReadInt32("five"));
        Assert.Equal(binary, decoder.ReadBinary("bytes").ToArray());
        decoder.RequireEnd();
    }

    [Theory]
    [InlineData(100, "100", "99")]
    [InlineData(98, "101", "100")]
    public void Writes_nothing_of_a_frame_that_is_too_large(int size, string found, string allowed)
    {
        var output = new ArrayBufferWriter<byte>();
        var frames = new FrameWriter(output, Small);
        var exception = Assert.Throws<SwarmException>(() =>
        {
            var writer = frames.Begin();
            writer.Write(5);
            frames.End(ref writer, new byte[size]);
        });
        Assert.Equal("frame_too_large", exception.Code);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public async Task Says_that_nobody_reads()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        var frames = new FrameWriter(pipe.Writer, FrameLimits.Default);
        FrameBytes.SampleHello().Write(frames);
        var exception = await Assert.ThrowsAsync<SwarmException>(async () => await frames.FlushAsync(TestContext.Current.CancellationToken));
        Assert.Equal("stream_closed", exception.Code);
    }
}
