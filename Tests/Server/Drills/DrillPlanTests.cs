using ManagedSwarm.Server.Drills;

namespace ManagedSwarm.Tests.Server.Drills;

public sealed class DrillPlanTests
{
    [Theory]
    [InlineData(4, 2, "0..1 2..3")]
    [InlineData(4, 3, "0..0 1..1 2..3")]
    [InlineData(16, 3, "0..4 5..9 10..15")]
    [InlineData(3, 3, "0..0 1..1 2..2")]
    public void Divides_layers_evenly(int layers, int workers, string ranges)
    {
        var plan = new DrillPlan { Model = "m.gguf", LayerCount = layers, VocabularySize = 512, Workers = workers };

        Assert.Equal(ranges, string.Join(' ', plan.Ranges));
    }

    [Fact]
    public void Asks_the_same_for_the_same_seed()
    {
        var plan = new DrillPlan { Model = "m.gguf", LayerCount = 4, VocabularySize = 512, PromptTokens = 20 };

        Assert.Equal(plan.Request.Prompt, plan.Request.Prompt);
        Assert.NotEqual(plan.Request.Prompt, (plan with { Seed = 2 }).Request.Prompt);
        Assert.All(plan.Request.Prompt, token => Assert.InRange(token, 128, 511));
    }
}
