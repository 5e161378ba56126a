using ManagedSwarm.Engine;

namespace ManagedSwarm.Tests.Engine;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("8000000000", 8_000_000_000)]
    [InlineData("512M", 512L << 20)]
    [InlineData("6G", 6L << 30)]
    [InlineData("6g", 6L << 30)]
    [InlineData("6 GiB", 6L << 30)]
    [InlineData("6GB", 6L << 30)]
    [InlineData("100B", 100)]
    [InlineData("1.5T", 3L << 39)]
    [InlineData("2k", 2048)]
    public void Parses_bytes_and_units(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var found));
        Assert.Equal(bytes, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("G")]
    [InlineData("B")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1e9")]
    [InlineData("6X")]
    [InlineData("6GG")]
    [InlineData("NaN")]
    [InlineData("1,5G")]
    [InlineData("8388608T")]
    public void Refuses_what_is_no_size(string? text) => Assert.False(ByteSize.TryParse(text, out _));
}
