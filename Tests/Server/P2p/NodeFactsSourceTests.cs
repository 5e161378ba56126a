using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Server.P2p;

public sealed class NodeFactsSourceTests
{
    [Fact]
    public void A_model_whose_layers_are_elsewhere_promises_no_last_bits()
    {
        var slot = new ModelSlot();
        var source = new NodeFactsSource(FakeSwarms.Setup(), slot, new TokenRate(TimeProvider.System)) { Models = [new("m", "", 1) { Numerics = "same" }] };
        var stages = new FakeModelStages();
        slot.Stages = stages;
        Assert.Equal("same", Assert.Single(source.Measure().Models).Numerics);

        // Layers may go to workers, and come back, while it is served.
        stages.AreKept = true;
        Assert.Equal(new ModelFacts("m", "", 1), Assert.Single(source.Measure().Models));
        stages.AreKept = false;
        Assert.Equal("same", Assert.Single(source.Measure().Models).Numerics);
    }
}
