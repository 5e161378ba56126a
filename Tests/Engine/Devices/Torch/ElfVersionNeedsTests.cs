using ManagedSwarm.Engine.Devices.Torch;

namespace ManagedSwarm.Tests.Engine.Devices.Torch;

public sealed class ElfVersionNeedsTests
{
    [Fact]
    public void Marks_the_named_version_weak_and_nothing_else()
    {
        var expected = ElfImage.Create();
        expected[ElfImage.NewestFlags] = 2;
        var image = ElfImage.Create();

        Assert.Equal(1, ElfVersionNeeds.MarkWeak(image, "GLIBCXX_3.4.32"u8));
        Assert.Equal(expected, image);
    }

    [Fact]
    public void Finds_a_version_of_every_library()
    {
        Assert.Equal(1, ElfVersionNeeds.MarkWeak(ElfImage.Create(), "GLIBC_2.2.5"u8));
        Assert.Equal(1, ElfVersionNeeds.MarkWeak(ElfImage.Create(), "GLIBCXX_3.4.30"u8));
    }

    [Theory]
    [InlineData("GLIBCXX_3.4")]
    [InlineData("GLIBCXX_3.4.33")]
    [InlineData("libc.so.6")]
    [InlineData("")]
    public void Changes_nothing_where_no_need_has_the_name(string version)
    {
        var image = ElfImage.Create();
        Assert.Equal(0, ElfVersionNeeds.MarkWeak(image, System.Text.Encoding.ASCII.GetBytes(version)));
        Assert.Equal(ElfImage.Create(), image);
    }

    [Theory]
    [InlineData(0, 0x7e)] // magic
    [InlineData(4, 1)] // 32-bit
    [InlineData(5, 2)] // big-endian
    public void Rejects_what_is_no_64_bit_little_endian_elf(int offset, byte value)
    {
        var image = ElfImage.Create();
        image[offset] = value;
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(image, "GLIBCXX_3.4.32"u8));
    }

    [Theory]
    [InlineData(0x28, 8, ulong.MaxValue)] // section headers beyond the end, and an offset that overflows
    [InlineData(0x28, 8, ElfImage.Size - 8)]
    [InlineData(0x3a, 2, 8)] // section headers too small
    [InlineData(0x3c, 2, 4)] // one section too many
    [InlineData(ElfImage.NeedsHeader + 0x18, 8, ElfImage.Size)] // needs beyond the end
    [InlineData(ElfImage.NeedsHeader + 0x20, 8, ulong.MaxValue)] // needs longer than the file
    [InlineData(ElfImage.NeedsHeader + 0x20, 8, 8)] // needs shorter than an entry
    [InlineData(ElfImage.NeedsHeader + 0x28, 4, 3)] // names in a section that is not there
    [InlineData(ElfImage.NeedsOffset + 2, 2, 0xffff)] // more versions than the section has
    [InlineData(ElfImage.NeedsOffset + 8, 4, 0xfffffff0)] // versions beyond the section
    [InlineData(ElfImage.NeedsOffset + 12, 4, 0xffffffff)] // next library beyond the section
    [InlineData(ElfImage.NeedsOffset + 16 + 8, 4, 0xffff)] // name beyond the names
    public void Rejects_what_points_outside(int offset, int size, ulong value)
    {
        var image = ElfImage.Create();
        ElfImage.Write(image, offset, size, value);
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(image, "GLIBCXX_3.4.32"u8));
    }

    [Fact]
    public void Rejects_every_truncation()
    {
        var image = ElfImage.Create();
        for (var length = 0; length < image.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(image.AsSpan(0, length), "GLIBCXX_3.4.32"u8));
        }
    }

    [Fact]
    public void Survives_random_bytes()
    {
        var random = new Random(20260101);
        var rejected = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var image = ElfImage.Create();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                image[random.Next(image.Length)] = (byte)random.Next(256);
            }

            try
            {
                Assert.InRange(ElfVersionNeeds.MarkWeak(image, "GLIBCXX_3.4.32"u8), 0, ElfImage.NeedsSize / 16);
            }
            catch (InvalidDataException)
            {
                rejected++;
            }
        }

        Assert.InRange(rejected, 1, 19_999);
    }

    [Fact]
    public void Finds_one_need_in_the_library_that_is_patched()
    {
        var path = TorchLibraries.Find("LibTorchSharp", TorchLibraries.ProgramDirectories());
        Assert.SkipUnless(path is not null && OperatingSystem.IsLinux(), "there is no libLibTorchSharp.so for this platform");
        var original = File.ReadAllBytes(path);
        var image = original.ToArray();

        Assert.Equal(1, ElfVersionNeeds.MarkWeak(image, "GLIBCXX_3.4.32"u8));
        Assert.Single(Enumerable.Range(0, image.Length), i => image[i] != original[i]);
    }
}
