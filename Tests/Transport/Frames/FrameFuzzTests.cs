using System.Buffers;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Tests.Transport.Frames;

/// <summary>Damaged frames: whatever the damage, one is read or refused, and neither costs much memory.</summary>
public sealed class FrameFuzzTests
{
    private const int CasesPerSeed = 30_000;

    /// <summary>What a frame of about a hundred bytes may allocate, with the exception: nothing of the size of a number in it.</summary>
    private const long MaxAllocatedBytes = 64 << 10;

    private static readonly byte[] NastyBytes = [0, 1, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, .. Enumerable.Range(0xC0, 0x40).Select(value => (byte)value)];

    private static readonly string[] Codes = ["invalid_frame", "frame_too_large"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void A_damaged_frame_is_read_or_refused(int seed)
    {
        var random = new Random(seed);
        var original = seed switch
        {
            1 or 3 => FrameBytes.SampleHelloFrame(),
            2 or 4 => FrameBytes.SampleStepFrame(),
            5 => FrameBytes.SampleFailedFrame(),
            6 => FrameBytes.SampleReplayFrame(),
            _ => FrameBytes.SampleResultFrame(FrameBytes.SampleFailure),
        };
        var steps = new StepFrameReader(FrameBytes.HiddenSize, seed == 4 ? WireType.Q8 : WireType.F32, FrameLimits.Default);
        var results = new ResultFrameReader(FrameBytes.HiddenSize, WireType.F32, FrameLimits.Default);
        var refused = 0;
        for (var i = 0; i < CasesPerSeed; i++)
        {
            var bytes = Mutate(original, random);
            var sequence = i % 3 == 0 ? FrameBytes.Split(bytes, random.Next(bytes.Length)) : new(bytes);
            var (allocated, isRefused) = Try(sequence, steps, results);
            refused += isRefused ? 1 : 0;

            // The first error of a kind loads its texts, which costs the runtime once what no frame has asked for.
            Assert.InRange(allocated <= MaxAllocatedBytes ? allocated : Try(sequence, steps, results).Allocated, 0, MaxAllocatedBytes);
        }

        // Otherwise the mutations would be too weak, or so strong that only the first checks were ever reached.
        Assert.InRange(refused, CasesPerSeed / 4, CasesPerSeed * 99 / 100);
    }

    private static (long Allocated, bool IsRefused) Try(in ReadOnlySequence<byte> sequence, StepFrameReader steps, ResultFrameReader results)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            Read(sequence, steps, results);
        }
        catch (SwarmException exception)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Contains(exception.Code, Codes);
            return (allocated, true);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before, false);
    }

    private static void Read(ReadOnlySequence<byte> bytes, StepFrameReader steps, ResultFrameReader results)
    {
        while (FramePrefix.TryTake(ref bytes, FrameLimits.Default.MaxFrameBytes, out var frame))
        {
            if (FrameDecoder.KindOf(frame) is FrameKind.Hello)
            {
                var hello = Hello.Read(frame);
                Assert.InRange(hello.Capabilities.Count, 0, (int)frame.Length);
                continue;
            }

            if (FrameDecoder.KindOf(frame) is FrameKind.Result)
            {
                results.Read(frame);
                continue;
            }

            using var batch = steps.Read(frame, []);
            Assert.InRange(batch.TokenCount * batch.HiddenSize * sizeof(float), 0, (int)frame.Length);
        }
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            // Seldom in the prefix, behind which most would never come.
            var place = random.Next(random.Next(8) == 0 ? 0 : FramePrefix.Size, bytes.Length);
            bytes = MutateOnce(bytes, place, random);
        }

        if (random.Next(4) != 0)
        {
            FramePrefix.Write(bytes, bytes.Length - FramePrefix.Size);
        }

        return bytes;
    }

    private static byte[] MutateOnce(byte[] bytes, int place, Random random)
    {
        var length = random.Next(1, 5);
        switch (random.Next(6))
        {
            case 0:
                return bytes[..Math.Max(place, FramePrefix.Size + 1)];
            case 1 when bytes.Length > FramePrefix.Size + 5:
                return [.. bytes[..place], .. bytes[Math.Min(place + length, bytes.Length)..]];
            case 2:
                return [.. bytes[..place], .. bytes.AsSpan(0, Math.Min(length, bytes.Length)), .. bytes[place..]];
            case 3:
                bytes[place] = NastyBytes[random.Next(NastyBytes.Length)];
                return bytes;
            case 4:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return bytes;
            default:
                bytes[place] = (byte)random.Next(256);
                return bytes;
        }
    }
}
