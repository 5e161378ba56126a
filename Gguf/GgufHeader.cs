using System.Buffers.Binary;
using System.Numerics;

namespace ManagedSwarm.Gguf;

/// <summary>What stands before the data of one file: metadata and tensor table.</summary>
/// <param name="DataOffset">Where the data section begins, in bytes from the start of the file.</param>
internal sealed record GgufHeader(uint Version, GgufMetadata Metadata, List<TensorInfo> Tensors, long DataOffset)
{
    /// <summary>The specification's alignment where <see cref="AlignmentKey"/> is absent.</summary>
    public const int DefaultAlignment = 32;

    public const string AlignmentKey = "general.alignment";

    /// <summary>The bytes "GGUF", read as a little-endian number.</summary>
    public const uint Magic = 0x46554747;

    public const uint MinVersion = 2;

    public const uint MaxVersion = 3;

    /// <summary>Parses a header.</summary>
    /// <param name="bytes">The file's beginning: all of it, or at least as much as <see cref="GgufLimits.MaxHeaderBytes"/>.</param>
    /// <param name="fileLength">The whole file's length.</param>
    /// <exception cref="GgufFormatException">It is not well-formed, or it asks for more than the limits allow.</exception>
    public static GgufHeader Parse(ReadOnlySpan<byte> bytes, long fileLength, GgufLimits limits, string? path = null)
    {
        var isCut = bytes.Length > limits.MaxHeaderBytes;
        var reader = new GgufReader(isCut ? bytes[..limits.MaxHeaderBytes] : bytes, isCut, path);
        return ParseHeader(ref reader, fileLength, limits);
    }

    /// <summary>The first multiple of <paramref name="alignment"/> that is not before <paramref name="offset"/>.</summary>
    public static long Align(long offset, int alignment) => checked((offset + alignment - 1) / alignment * alignment);

    private static GgufHeader ParseHeader(ref GgufReader reader, long fileLength, GgufLimits limits)
    {
        var version = ReadVersion(ref reader);
        var tensorCount = reader.ReadCount("number of tensors", limits.MaxTensorCount, TensorTableReader.MinimumEntryBytes);
        var pairCount = reader.ReadCount("number of metadata pairs", limits.MaxMetadataCount, MetadataReader.MinimumPairBytes);
        var metadata = MetadataReader.Read(ref reader, pairCount, limits);
        var alignment = ReadAlignment(metadata, limits);
        var entries = TensorTableReader.Read(ref reader, tensorCount, alignment, limits);
        var dataOffset = Align(reader.Position, alignment);
        return new GgufHeader(version, metadata, TensorTableReader.Place(entries, dataOffset, fileLength, reader.Path), dataOffset);
    }

    private static uint ReadVersion(ref GgufReader reader)
    {
        if (reader.Remaining == 0)
        {
            reader.Fail("the file is empty", 0);
        }

        var magic = reader.ReadUInt32("magic");
        if (magic != Magic)
        {
            reader.Fail($"this is not a GGUF file: it begins with 0x{BinaryPrimitives.ReverseEndianness(magic):X8}, not with 'GGUF'", 0);
        }

        var start = reader.Position;
        var version = reader.ReadUInt32("version");
        if (version is >= MinVersion and <= MaxVersion)
        {
            return version;
        }

        if (BinaryPrimitives.ReverseEndianness(version) is >= 1 and <= MaxVersion)
        {
            reader.Fail("the file is big-endian, only little-endian ones are supported", start);
        }

        reader.Fail($"the file has version {version}, supported are {MinVersion} and {MaxVersion}", start);
        return 0;
    }

    private static int ReadAlignment(GgufMetadata metadata, GgufLimits limits)
    {
        var alignment = metadata.Get(AlignmentKey, (uint)DefaultAlignment);
        if (!BitOperations.IsPow2(alignment) || alignment > limits.MaxAlignment)
        {
            throw metadata.Error(AlignmentKey, $"'{AlignmentKey}' is {alignment}, allowed are powers of two up to {limits.MaxAlignment}");
        }

        return (int)alignment;
    }
}
