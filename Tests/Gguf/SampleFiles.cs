using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Gguf;

/// <summary>Small well-formed files.</summary>
internal static class SampleFiles
{
    /// <summary>A value of every type, and an array of every type.</summary>
    public static IReadOnlyDictionary<string, object> Metadata { get; } = new Dictionary<string, object>
    {
        ["general.architecture"] = "llama",
        ["a.uint8"] = (byte)200,
        ["a.int8"] = (sbyte)-100,
        ["a.uint16"] = (ushort)60_000,
        ["a.int16"] = (short)-30_000,
        ["a.uint32"] = 4_000_000_000u,
        ["a.int32"] = -2_000_000_000,
        ["a.uint64"] = 18_000_000_000_000_000_000ul,
        ["a.int64"] = -9_000_000_000_000_000_000L,
        ["a.float32"] = 0.1f,
        ["a.float64"] = 0.1,
        ["a.bool"] = true,
        ["a.string"] = "größer ▁ 🦙",
        ["a.empty"] = "",
        ["b.uint8"] = new byte[] { 1, 255 },
        ["b.int8"] = new sbyte[] { 1, -128 },
        ["b.uint16"] = new ushort[] { 1, 65_535 },
        ["b.int16"] = new short[] { 1, -32_768 },
        ["b.uint32"] = new uint[] { 1, uint.MaxValue },
        ["b.int32"] = new int[] { 1, int.MinValue },
        ["b.uint64"] = new ulong[] { 1, ulong.MaxValue },
        ["b.int64"] = new long[] { 1, long.MinValue },
        ["b.float32"] = new float[] { 1, float.NegativeInfinity },
        ["b.float64"] = new double[] { 1, double.Epsilon },
        ["b.bool"] = new bool[] { true, false, true },
        ["b.string"] = new string[] { "", "<s>", "▁the" },
        ["b.empty"] = Array.Empty<string>(),
    };

    /// <summary>All of the metadata above, and a tensor of every type, some with several dimensions.</summary>
    public static byte[] Create(uint version)
    {
        using var stream = new MemoryStream();
        CreateWriter(version).Write(stream);
        return stream.ToArray();
    }

    public static GgufWriter CreateWriter(uint version = 3)
    {
        var writer = new GgufWriter { Version = version };
        foreach (var (key, value) in Metadata)
        {
            writer.Set(key, value);
        }

        foreach (var type in Enum.GetValues<TensorType>())
        {
            writer.AddBlocks($"t.{type}", type, [type.BlockLength(), 2], FillWithNumbers);
        }

        writer.AddTensor("v", TensorType.F32, [3, 1, 2, 1], [1, 2, 3, 4, 5, 6]);
        return writer;
    }

    /// <summary>Ones for the first of two rows, twos for the second.</summary>
    private static void FillWithNumbers(long firstRow, Memory<byte> destination)
    {
        var rowBytes = destination.Length / 2;
        destination.Span[..rowBytes].Fill(1);
        destination.Span[rowBytes..].Fill(2);
    }
}
