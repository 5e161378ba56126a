using ManagedSwarm.Engine.Devices;

namespace ManagedSwarm.Tests.Engine.Devices;

public sealed class MemoryReadSpeedTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Is_one_that_there_can_be(int threads) => Assert.InRange(MemoryReadSpeed.Measure(threads), 50_000_000, 20_000_000_000_000);

    [Fact]
    public void Needs_a_thread() => Assert.Throws<ArgumentOutOfRangeException>(() => MemoryReadSpeed.Measure(0));
}
