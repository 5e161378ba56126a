using System.Buffers.Binary;

namespace ManagedSwarm.Engine.Devices.Torch;

/// <summary>
/// The symbol versions that an ELF library needs (Linux Standard Base, "Symbol Versioning", section .gnu.version_r).
/// The dynamic linker refuses a library whose needed version is missing, unless that need is marked weak.
/// </summary>
/// <remarks>Only what a 64-bit little-endian library has. Nothing in the file is trusted: offsets are checked against its end.</remarks>
internal static class ElfVersionNeeds
{
    private const int HeaderSize = 64;
    private const int SectionHeaderSize = 64;
    private const uint VersionNeedSection = 0x6ffffffe; // SHT_GNU_verneed
    private const int EntrySize = 16; // of Elf64_Verneed and of Elf64_Vernaux
    private const ushort WeakFlag = 2; // VER_FLG_WEAK

    /// <summary>Marks the needs of the version <paramref name="version"/> weak, in place.</summary>
    /// <param name="image">The whole library.</param>
    /// <param name="version">The name of the version, for example <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>How many needs have that name.</returns>
    /// <exception cref="InvalidDataException">The file is not a well-formed 64-bit little-endian ELF file.</exception>
    public static int MarkWeak(Span<byte> image, ReadOnlySpan<byte> version)
    {
        ReadOnlySpan<byte> identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2 /* 64-bit */, 1 /* little-endian */];
        if (image.Length < HeaderSize || !image.StartsWith(identity))
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }

        var table = ReadUInt64(image, 0x28);
        var entrySize = ReadUInt16(image, 0x3a);
        var count = ReadUInt16(image, 0x3c);
        if (count > 0 && entrySize < SectionHeaderSize)
        {
            throw new InvalidDataException($"section headers of {entrySize} bytes; expected are {SectionHeaderSize} at least");
        }

        var headers = Range(image, table, (ulong)entrySize * count);
        var marked = 0;
        for (var i = 0; i < count; i++)
        {
            var header = headers.Slice(i * entrySize, SectionHeaderSize);
            if (ReadUInt32(header, 4) == VersionNeedSection)
            {
                var link = ReadUInt32(header, 0x28);
                var names = link < count
                    ? Section(image, headers.Slice((int)link * entrySize, SectionHeaderSize))
                    : throw new InvalidDataException($"section {i} links to section {link} of {count}");
                marked += MarkInSection(Section(image, header), names, version);
            }
        }

        return marked;
    }

    /// <summary>Walks Verneed entries (one per needed library), each with a list of Vernaux entries (one per version).</summary>
    private static int MarkInSection(Span<byte> section, ReadOnlySpan<byte> names, ReadOnlySpan<byte> version)
    {
        var marked = 0;
        var left = section.Length / EntrySize; // a list that shares entries would be a loop
        var library = 0UL;
        uint nextLibrary;
        do
        {
            var need = Range(section, library, EntrySize);
            var entry = library + ReadUInt32(need, 8);
            for (int i = ReadUInt16(need, 2); i > 0; i--)
            {
                if (--left < 0)
                {
                    throw new InvalidDataException("more version needs than their section has room for");
                }

                var versionNeed = Range(section, entry, EntrySize);
                if (NameAt(names, ReadUInt32(versionNeed, 8)).SequenceEqual(version))
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(versionNeed[4..], (ushort)(ReadUInt16(versionNeed, 4) | WeakFlag));
                    marked++;
                }

                entry += ReadUInt32(versionNeed, 12);
            }

            nextLibrary = ReadUInt32(need, 12);
            library += nextLibrary;
        }
        while (nextLibrary != 0);

        return marked;
    }

    private static Span<byte> Section(Span<byte> image, ReadOnlySpan<byte> header) =>
        Range(image, ReadUInt64(header, 0x18), ReadUInt64(header, 0x20));

    private static ReadOnlySpan<byte> NameAt(ReadOnlySpan<byte> names, uint offset)
    {
        if (offset >= (uint)names.Length)
        {
            throw new InvalidDataException($"a name at byte {offset} of {names.Length} bytes of names");
        }

        var name = names[(int)offset..];
        var end = name.IndexOf((byte)0);
        return end < 0 ? name : name[..end];
    }

    private static Span<byte> Range(Span<byte> bytes, ulong offset, ulong length)
    {
        if (offset > (ulong)bytes.Length || length > (ulong)bytes.Length - offset)
        {
            throw new InvalidDataException($"{length} bytes at byte {offset} of {bytes.Length}");
        }

        return bytes.Slice((int)offset, (int)length);
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong ReadUInt64(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);
}
