using System.Buffers;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>No length is believed, and no value is taken for another.</summary>
public sealed class FrameDecoderTests
{
    private static readonly FrameLimits Small = new() { MaxStringBytes = 3, MaxArrayLength = 3, MaxBinaryBytes = 3 };

    private delegate void Reading(ref FrameDecoder decoder);

    [Theory]
    [InlineData(new byte[] { 0xA4, 1, 1, 1, 1 }, "string")]
    [InlineData(new byte[] { 0x94, 1, 1, 1, 1 }, "array")]
    [InlineData(new byte[] { 0xC4, 4, 1, 1, 1, 1 }, "binary")]
    [InlineData(new byte[] { 0x94, 1, 1, 1, 1 }, "skipped")]
    [InlineData(new byte[] { 0x84, 1, 1, 1, 1, 1, 1, 1, 1 }, "skipped")]
    public void Refuses_what_is_longer_than_allowed(byte[] bytes, string what)
    {
        var exception = Refused(bytes, what);
        Assert.Equal("frame_too_large", exception.Code);
        Assert.Contains("4", exception.Message, StringComparison.Ordinal);
        Assert.Contains("allowed is 3", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xDB, 255, 255, 255, 255, 1 }, "string")]
    [InlineData(new byte[] { 0xDD, 255, 255, 255, 255, 1 }, "array")]
    [InlineData(new byte[] { 0xC6, 255, 255, 255, 255, 1 }, "binary")]
    [InlineData(new byte[] { 0xDB, 127, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xDB, 255, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xDD, 127, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xDD, 255, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xDF, 127, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xDF, 255, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xC6, 127, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xC6, 255, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xC9, 127, 255, 255, 255, 1 }, "skipped")]
    [InlineData(new byte[] { 0xC9, 255, 255, 255, 255, 1 }, "skipped")]
    public void Refuses_what_is_longer_than_the_frame_and_allocates_nothing_for_it(byte[] bytes, string what)
    {
        Refused(bytes, what);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bytes, what);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 10);
    }

    [Theory]
    [InlineData(new byte[] { }, "int")]
    [InlineData(new byte[] { 0xC0 }, "int")]
    [InlineData(new byte[] { 0xCE, 255, 255, 255, 255 }, "int")]
    [InlineData(new byte[] { 0xCF, 255, 255, 255, 255, 255, 255, 255, 255 }, "long")]
    [InlineData(new byte[] { 0xCA, 0, 0, 0, 0 }, "int")]
    [InlineData(new byte[] { 0xC0 }, "string")]
    [InlineData(new byte[] { 0xA1, 0xFF }, "string")]
    [InlineData(new byte[] { 0xC4, 1, 65 }, "string")]
    [InlineData(new byte[] { 0xA1, 65 }, "binary")]
    [InlineData(new byte[] { 0xC0 }, "binary")]
    [InlineData(new byte[] { }, "binary")]
    [InlineData(new byte[] { 0x81, 1, 1 }, "array")]
    [InlineData(new byte[] { 0xC1 }, "skipped")]
    [InlineData(new byte[] { }, "skipped")]
    [InlineData(new byte[] { 0x93, 1, 1 }, "skipped")]
    [InlineData(new byte[] { 1 }, "end")]
    public void Refuses_what_is_not_such_a_value(byte[] bytes, string what) => Assert.Equal("invalid_frame", Refused(bytes, what).Code);

    [Fact]
    public void Skips_whatever_it_is_however_deep()
    {
        byte[] nested = [.. Enumerable.Repeat((byte)0x91, 10_000), 0x82, 1, 0xA1, 65, 0xC4, 1, 0, 0xD4, 5, 5];
        foreach (var sequence in (ReadOnlySequence<byte>[])[new(nested), FrameBytes.Crumbs(nested)])
        {
            var decoder = new FrameDecoder(sequence, Small);
            decoder.Skip("nested");
            decoder.RequireEnd();
        }
    }

    [Fact]
    public void Says_the_kind_of_a_frame()
    {
        Assert.Equal(FrameKind.Step, FrameDecoder.KindOf(FrameBytes.Body(FrameBytes.SampleStepFrame())));
        Assert.Equal(FrameKind.Hello, FrameDecoder.KindOf(FrameBytes.Body(FrameBytes.SampleHelloFrame())));
        Assert.Equal((FrameKind)100, FrameDecoder.KindOf(new([100])));
    }

    private static SwarmException Refused(byte[] bytes, string what)
    {
        Reading read = what switch
        {
            "int" => static (ref decoder) => decoder.ReadInt32("it"),
            "long" => static (ref decoder) => decoder.ReadInt64("it"),
            "string" => static (ref decoder) => decoder.ReadString("it"),
            "array" => static (ref decoder) => decoder.ReadArrayLength("it"),
            "binary" => static (ref decoder) => decoder.ReadBinary("it"),
            "skipped" => static (ref decoder) => decoder.Skip("it"),
            _ => static (ref decoder) => decoder.RequireEnd(),
        };
        return Assert.Throws<SwarmException>(() =>
        {
            var decoder = new FrameDecoder(new(bytes), Small);
            read(ref decoder);
        });
    }
}
