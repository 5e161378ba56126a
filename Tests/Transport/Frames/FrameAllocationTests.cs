using System.IO.Pipelines;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Tests.Transport.Streams;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Streams;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>A warm stream of steps allocates nothing.</summary>
public sealed class FrameAllocationTests
{
    /// <summary>One token's hidden states: 16 KiB.</summary>
    private const int HiddenSize = 4_096;

    private const int Warm = 200;
    private const int Measured = 100;

    // What other tests do may have the pools of buffers trimmed at any time: what a step allocates, it does in each round.
    private const int Rounds = 5;

    [Fact]
    public async Task A_warm_pipe_of_steps_allocates_nothing()
    {
        var pipe = new Pipe();
        Assert.Equal(0, await MeasureAsync(pipe.Writer, pipe.Reader));
    }

    [Fact]
    public async Task A_warm_stream_of_steps_allocates_nothing()
    {
        var (one, other) = MemoryMuxStream.Pair();
        await using var here = one.AsDuplexPipe();
        await using var there = other.AsDuplexPipe();
        Assert.Equal(0, await MeasureAsync(here.Output, there.Input));
    }

    /// <returns>Bytes per step, rounded down, of the round with the fewest.</returns>
    private static async Task<long> MeasureAsync(PipeWriter output, PipeReader input)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var (frames, reader) = (new FrameWriter(output, FrameLimits.Default), new FrameReader(input, FrameLimits.Default));
        var (steps, writer, trace) = (
            new StepFrameReader(HiddenSize, WireType.F32, FrameLimits.Default), new StepFrameWriter(frames, WireType.F32), new List<HopTime>());
        using var sent = new StepBatch(0, 0, [], [new Segment(1, 0, 1)], HiddenSize);
        using var received = new StepBatch(0, 0, [], [new Segment(1, 0, 1)], HiddenSize);
        var (before, fewest) = (0L, long.MaxValue);
        for (var i = 0; i < Warm + (Rounds * Measured); i++)
        {
            if (i >= Warm && (i - Warm) % Measured == 0)
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }

            sent.Reset(i + 1, 0, [], [new Segment(1, i, 1)]);
            writer.Write(sent, 0, i, [new HopTime(3, 70_000)]);
            // Never waits: what is sent fits, and has come when it is read. So all is done in this thread.
            await frames.FlushAsync(cancellationToken);
            steps.Read(await reader.ReadAsync(cancellationToken), trace, received);
            reader.Advance();
            if (i >= Warm && (i - Warm) % Measured == Measured - 1)
            {
                fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }

        Assert.Equal((Warm + (Rounds * Measured), Warm + (Rounds * Measured) - 1), (received.Step, steps.Answered));
        return fewest / Measured;
    }
}
