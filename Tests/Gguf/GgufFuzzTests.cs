using System.Buffers.Binary;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>Damaged files: whatever the damage, a file is read or refused, and neither costs much memory.</summary>
public sealed class GgufFuzzTests
{
    private const int CasesPerSeed = 3_000;

    private const int MappedCases = 300;

    /// <summary>
    /// What parsing a file of a few kilobytes may allocate, with the exception: nothing of the size of a number in the file.
    /// </summary>
    private const long MaxAllocatedBytes = 512 << 10;

    private static readonly ulong[] NastyNumbers =
    [
        0, 1, 2, 3, 8, 9, 12, 13, 31, 33, 64, 255, 256, 65_536, int.MaxValue, 1UL << 31, uint.MaxValue, 1UL << 32, 1UL << 40,
        (1UL << 59) + 1, 1UL << 60, 1UL << 62, long.MaxValue, 1UL << 63, ulong.MaxValue - 31, ulong.MaxValue,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_damaged_file_is_read_or_refused(int seed)
    {
        var random = new Random(seed);
        var original = SampleFiles.Create(seed % 2 == 0 ? 2u : 3u);
        var refused = 0;
        for (var i = 0; i < CasesPerSeed; i++)
        {
            var bytes = Mutate(original, random);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                CheckPromises(GgufHeader.Parse(bytes, bytes.Length, GgufLimits.Default), bytes.Length);
            }
            catch (GgufFormatException exception)
            {
                Assert.InRange(exception.Offset, 0, bytes.Length);
                refused++;
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocatedBytes);
        }

        // Otherwise the mutations would be too weak, or so strong that only the first checks were ever reached.
        Assert.InRange(refused, CasesPerSeed / 4, CasesPerSeed * 99 / 100);
    }

    [Fact]
    public void A_damaged_mapped_file_is_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("damaged.gguf");
        var random = new Random(5);
        var original = SampleFiles.Create(3);
        for (var i = 0; i < MappedCases; i++)
        {
            File.WriteAllBytes(path, Mutate(original, random));
            try
            {
                using var file = GgufFile.Open(path);
                ReadEverything(file);
            }
            catch (GgufFormatException exception)
            {
                Assert.Contains(path, exception.Message, StringComparison.Ordinal);
            }
        }
    }

    private static void ReadEverything(GgufFile file)
    {
        foreach (var tensor in file.Tensors)
        {
            for (var row = 0L; row < tensor.Rows; row++)
            {
                var values = new float[tensor.Columns];
                BlockCodec.Dequantize(tensor.Type, file.GetRow(tensor, row), values);
            }
        }
    }

    private static void CheckPromises(GgufHeader header, long fileLength)
    {
        var end = header.DataOffset;
        foreach (var tensor in header.Tensors.OrderBy(tensor => tensor.FileOffset))
        {
            Assert.True(tensor.FileOffset >= end);
            Assert.Equal(tensor.ByteLength, tensor.Rows * tensor.Type.RowBytes(tensor.Columns));
            end = tensor.FileOffset + tensor.ByteLength;
            Assert.True(end <= fileLength);
        }

        Assert.All(header.Metadata.Keys, key => Assert.True(header.Metadata.TryGetValue(key, out _)));
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            bytes = MutateOnce(bytes, random);
        }

        return bytes;
    }

    private static byte[] MutateOnce(byte[] bytes, Random random)
    {
        if (bytes.Length < 16)
        {
            return bytes;
        }

        var place = random.Next(bytes.Length - 8);
        var other = random.Next(bytes.Length - 8);
        var length = random.Next(1, Math.Min(64, bytes.Length - Math.Max(place, other)));
        switch (random.Next(8))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                return [.. bytes[..place], .. bytes[(place + length)..]];
            case 2:
                return [.. bytes[..place], .. bytes.AsSpan(other, length), .. bytes[place..]];
            case 3:
                bytes.AsSpan(other, length).CopyTo(bytes.AsSpan(place));
                return bytes;
            case 4:
                bytes[place] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 5:
                bytes[place] = (byte)random.Next(256);
                return bytes;
            case 6:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(place), (uint)NastyNumbers[random.Next(NastyNumbers.Length)]);
                return bytes;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(place), NastyNumbers[random.Next(NastyNumbers.Length)]);
                return bytes;
        }
    }
}
