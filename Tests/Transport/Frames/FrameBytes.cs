using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Logs;
using MessagePack;

namespace ManagedSwarm.Tests.Transport.Frames;

internal delegate void FrameValues(ref MessagePackWriter writer);

/// <summary>Frames as bytes, and sequences of bytes in pieces.</summary>
internal static class FrameBytes
{
    public const int HiddenSize = 3;
    public const long SampleAnswered = (1L << 40) - 3;

    public static HopTime[] SampleTrace { get; } = [new(0, 100), new(70_000, int.MaxValue)];

    public static StepFailure SampleFailure { get; } = new(2, "kv_cache_full", "the KV cache is full");

    /// <summary>A frame with its prefix.</summary>
    public static byte[] Of(FrameValues values) => Written(frames =>
    {
        var writer = frames.Begin();
        values(ref writer);
        frames.End(ref writer);
    });

    /// <summary>What is written, prefixes and all.</summary>
    public static byte[] Written(Action<FrameWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new FrameWriter(output, FrameLimits.Default));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The frame without its prefix.</summary>
    public static ReadOnlySequence<byte> Body(byte[] frame) => new(frame, FramePrefix.Size, frame.Length - FramePrefix.Size);

    /// <summary>A step with each kind of operation, two segments, and hidden states of all kinds of bits.</summary>
    public static StepBatch SampleStep()
    {
        var batch = new StepBatch(
            step: 1L << 40,
            epoch: 70_000,
            [
                SequenceOperation.Open(1, 4_096),
                SequenceOperation.Fork(long.MaxValue, 1, 17, 300),
                SequenceOperation.Truncate(2, 0),
                SequenceOperation.Close(long.MinValue),
            ],
            [new Segment(1, 0, 2), new Segment(-5, 1_000_000, 1)],
            HiddenSize);
        float[] values = [1, -0f, float.NaN, float.Epsilon, float.NegativeInfinity, 3.14f, 0, 1e30f, BitConverter.UInt32BitsToSingle(0x7FA00001)];
        values.CopyTo(batch.Hidden);
        return batch;
    }

    public static byte[] SampleStepFrame()
    {
        using var batch = SampleStep();
        return Written(frames => new StepFrameWriter(frames, WireType.F32).Write(batch, batch.Epoch, SampleAnswered, SampleTrace));
    }

    public static byte[] SampleFailedFrame()
    {
        using var batch = SampleStep();
        return Written(frames => new StepFrameWriter(frames, WireType.F32).WriteFailed(batch, batch.Epoch, SampleAnswered, SampleFailure, SampleTrace));
    }

    public static byte[] SampleReplayFrame()
    {
        using var batch = SampleStep();
        var hidden = MemoryMarshal.AsBytes(batch.Hidden.Span).ToArray();
        var step = new ReplayStep(HiddenSize, batch.Operations.ToArray(), batch.Segments.ToArray(), hidden);
        return Written(frames => new StepFrameWriter(frames, WireType.F32).WriteReplay(step, batch.Epoch));
    }

    public static byte[] SampleResultFrame(StepFailure? failure = null)
    {
        using var batch = SampleStep();
        return Written(frames => new StepFrameWriter(frames, WireType.F32).WriteResult(batch, batch.Epoch, failure, SampleTrace));
    }

    public static Hello SampleHello() => new("stage", 1, 2, new NumericIdentity(3, "cpu", "f16", "f32"), ["trace", "größe"]);

    public static byte[] SampleHelloFrame() => Written(SampleHello().Write);

    /// <summary>In two pieces.</summary>
    public static ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> bytes, int at)
    {
        var first = new Piece(bytes[..at], 0);
        var second = first.Append(bytes[at..]);
        return new(first, 0, second, second.Memory.Length);
    }

    /// <summary>In pieces of one byte.</summary>
    public static ReadOnlySequence<byte> Crumbs(ReadOnlyMemory<byte> bytes)
    {
        var first = new Piece(bytes[..1], 0);
        var last = first;
        for (var i = 1; i < bytes.Length; i++)
        {
            last = last.Append(bytes.Slice(i, 1));
        }

        return new(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
