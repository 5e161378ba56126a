using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Engine.Stages;

public sealed class LayerRangeTests
{
    [Theory]
    [InlineData(0, 4)]
    [InlineData(3, 1)]
    public void Takes_a_part_of_the_model(int first, int count) => new LayerRange(first, count).RequireWithin(4);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 2)]
    [InlineData(0, 5)]
    [InlineData(4, 1)]
    [InlineData(1, int.MaxValue)]
    public void Rejects_what_is_no_part_of_the_model(int first, int count) =>
        Assert.Equal("layer_range", Assert.Throws<EngineException>(() => new LayerRange(first, count).RequireWithin(4)).Code);
}
