using System.Buffers.Binary;
using System.Text;

namespace ManagedSwarm.Tests.Engine.Devices.Torch;

/// <summary>
/// A hand-made 64-bit ELF library with nothing but version needs: GLIBC_2.2.5 of libc.so.6, and GLIBCXX_3.4.30 and GLIBCXX_3.4.32
/// of libstdc++.so.6. Layout: header, names, needs, section headers (null, names, needs).
/// </summary>
internal static class ElfImage
{
    public const int NamesOffset = 64;
    public const int NeedsOffset = 192;
    public const int NeedsSize = 5 * 16;
    public const int SectionsOffset = NeedsOffset + NeedsSize;
    public const int NeedsHeader = SectionsOffset + (2 * 64);
    public const int Size = SectionsOffset + (3 * 64);

    /// <summary>Where the flags of GLIBCXX_3.4.32 are.</summary>
    public const int NewestFlags = NeedsOffset + (4 * 16) + 4;

    private const string Names = "\0libc.so.6\0GLIBC_2.2.5\0libstdc++.so.6\0GLIBCXX_3.4.30\0GLIBCXX_3.4.32\0";

    public static byte[] Create()
    {
        var image = new byte[Size];
        byte[] identity = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1];
        identity.CopyTo(image, 0);
        Write(image, 0x28, 8, SectionsOffset); // e_shoff
        Write(image, 0x3a, 2, 64); // e_shentsize
        Write(image, 0x3c, 2, 3); // e_shnum
        Encoding.ASCII.GetBytes(Names).CopyTo(image, NamesOffset);
        WriteNeed(image, 0, count: 1, library: "libc.so.6", next: 32);
        WriteVersion(image, 1, "GLIBC_2.2.5", next: 0);
        WriteNeed(image, 2, count: 2, library: "libstdc++.so.6", next: 0);
        WriteVersion(image, 3, "GLIBCXX_3.4.30", next: 16);
        WriteVersion(image, 4, "GLIBCXX_3.4.32", next: 0);
        WriteSection(image, 1, type: 3, NamesOffset, Names.Length, link: 0);
        WriteSection(image, 2, type: 0x6ffffffe, NeedsOffset, NeedsSize, link: 1);
        return image;
    }

    /// <summary>Writes a little-endian number of 2, 4 or 8 bytes.</summary>
    public static void Write(byte[] image, int offset, int size, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..size].CopyTo(image.AsSpan(offset));
    }

    private static void WriteNeed(byte[] image, int entry, ulong count, string library, ulong next)
    {
        var at = NeedsOffset + (entry * 16);
        Write(image, at, 2, 1);
        Write(image, at + 2, 2, count);
        Write(image, at + 4, 4, NameOffset(library));
        Write(image, at + 8, 4, 16); // its versions follow at once
        Write(image, at + 12, 4, next);
    }

    private static void WriteVersion(byte[] image, int entry, string name, ulong next)
    {
        var at = NeedsOffset + (entry * 16);
        Write(image, at + 8, 4, NameOffset(name));
        Write(image, at + 12, 4, next);
    }

    private static void WriteSection(byte[] image, int index, ulong type, int offset, int size, ulong link)
    {
        var at = SectionsOffset + (index * 64);
        Write(image, at + 4, 4, type);
        Write(image, at + 0x18, 8, (ulong)offset);
        Write(image, at + 0x20, 8, (ulong)size);
        Write(image, at + 0x28, 4, link);
    }

    private static ulong NameOffset(string name) => (ulong)Names.IndexOf($"\0{name}\0", StringComparison.Ordinal) + 1;
}
