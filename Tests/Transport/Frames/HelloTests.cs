using System.Buffers;
using System.IO.Pipelines;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using MessagePack;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>Two sides find out whether they can speak with each other.</summary>
public sealed class HelloTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Comes_back_as_it_was(bool hasNumerics)
    {
        var hello = FrameBytes.SampleHello();
        hello = hasNumerics ? hello : hello with { Numerics = null, Capabilities = [] };
        var frame = FrameBytes.Written(hello.Write);
        var body = frame.AsMemory(FramePrefix.Size);
        for (var at = 0; at <= body.Length; at++)
        {
            var read = Hello.Read(FrameBytes.Split(body, at));
            Assert.Equal(hello.Capabilities, read.Capabilities);
            Assert.Equal(hello, read with { Capabilities = hello.Capabilities });
        }
    }

    [Fact]
    public void Is_refused_when_any_part_is_missing()
    {
        var body = FrameBytes.Body(FrameBytes.SampleHelloFrame());
        for (var cut = 0; cut < body.Length; cut++)
        {
            Assert.Equal("invalid_frame", Assert.Throws<SwarmException>(() => Hello.Read(body.Slice(0, cut))).Code);
        }
    }

    [Fact]
    public void Passes_over_what_a_later_version_adds()
    {
        var read = Hello.Read(FrameBytes.Body(FrameBytes.Of(static (ref writer) =>
        {
            WriteHead(ref writer, elements: 7);
            writer.WriteArrayHeader(0);
            writer.WriteMapHeader(1);
            writer.Write("new");
            writer.Write(1.5);
            writer.Write(true);
        })));
        Assert.Equal(("stage", 1, 9), (read.Protocol, read.Major, read.Minor));
    }

    [Theory]
    [InlineData(257)]
    [InlineData(65_536)]
    public void Refuses_too_many_capabilities(int count)
    {
        var frame = FrameBytes.Of((ref writer) =>
        {
            WriteHead(ref writer, elements: 5);
            writer.WriteArrayHeader(count);
            for (var i = 0; i < count; i++)
            {
                writer.Write("");
            }
        });
        Assert.Equal("frame_too_large", Assert.Throws<SwarmException>(() => Hello.Read(FrameBytes.Body(frame))).Code);
    }

    [Theory]
    [InlineData("stage", 1, 0, null)]
    [InlineData("stage", 1, 7, null)]
    [InlineData("stage", 2, 0, "version 2.0")]
    [InlineData("stage", 0, 9, "version 0.9")]
    [InlineData("weights", 1, 2, "weights")]
    public async Task Fits_or_says_what_was_found_and_what_is_allowed(string protocol, int major, int minor, string? found)
    {
        var mine = FrameBytes.SampleHello();
        var (theirs, answer) = (new Pipe(), new Pipe());
        await theirs.Writer.WriteAsync(FrameBytes.Written((mine with { Protocol = protocol, Major = major, Minor = minor }).Write), Cancellation);
        var exchange = ExchangeAsync(theirs, answer, mine);
        if (found is null)
        {
            Assert.Equal((major, minor), ((await exchange).Major, (await exchange).Minor));
            Assert.Equal(FrameBytes.SampleHelloFrame(), (await answer.Reader.ReadAsync(Cancellation)).Buffer.ToArray());
            return;
        }

        var exception = await Assert.ThrowsAsync<SwarmException>(() => exchange);
        Assert.Equal("version_mismatch", exception.Code);
        Assert.Contains(found, exception.Message, StringComparison.Ordinal);
        Assert.Contains(found == protocol ? "\"stage\"" : "allowed is 1.x", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_and_long_speeches_are_errors()
    {
        var silent = new Pipe();
        await silent.Writer.CompleteAsync();
        Assert.Equal("stream_closed", (await Assert.ThrowsAsync<SwarmException>(() => ExchangeAsync(silent, new(), FrameBytes.SampleHello()))).Code);

        var talker = new Pipe();
        await talker.Writer.WriteAsync(new byte[] { 1, 64, 0, 0 }, Cancellation);
        Assert.Equal("frame_too_large", (await Assert.ThrowsAsync<SwarmException>(() => ExchangeAsync(talker, new(), FrameBytes.SampleHello()))).Code);
    }

    private static Task<Hello> ExchangeAsync(Pipe theirs, Pipe answer, Hello mine) => HelloExchange.RunAsync(
        new FrameReader(theirs.Reader, FrameLimits.Default), new FrameWriter(answer.Writer, FrameLimits.Default), mine, Cancellation);

    private static void WriteHead(ref MessagePackWriter writer, int elements)
    {
        writer.Write((int)FrameKind.Hello);
        writer.WriteArrayHeader(elements);
        writer.Write("stage");
        writer.Write(1);
        writer.Write(9);
        writer.WriteNil();
    }
}
