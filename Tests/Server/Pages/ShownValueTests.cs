using ManagedSwarm.Server.Pages;

namespace ManagedSwarm.Tests.Server.Pages;

public sealed class ShownValueTests
{
    [Theory]
    [InlineData(null, "—")]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1536L, "1.5 KiB")]
    [InlineData(3L << 20, "3.0 MiB")]
    [InlineData(412L << 20, "412 MiB")]
    [InlineData(25L << 29, "12.5 GiB")]
    [InlineData(5L << 40, "5.0 TiB")]
    [InlineData(5L << 50, "5120.0 TiB")]
    public void Sizes_have_their_best_unit(long? bytes, string expected) => Assert.Equal(expected, ShownValue.Bytes(bytes));
}
