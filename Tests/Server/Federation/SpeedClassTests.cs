using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class SpeedClassTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(90, 64)]
    [InlineData(91, 128)]
    [InlineData(128, 128)]
    public void Is_the_nearest_power_of_two(double speed, double expected) => Assert.Equal(expected, SpeedClass.Of(speed));

    [Fact]
    public void Stays_while_a_speed_goes_to_and_fro()
    {
        Assert.All([77, 100, 180, 214], speed => Assert.Equal(128, SpeedClass.Of(speed, before: 128)));
        Assert.Equal(64, SpeedClass.Of(76, before: 128));
        Assert.Equal(256, SpeedClass.Of(216, before: 128));
    }
}
