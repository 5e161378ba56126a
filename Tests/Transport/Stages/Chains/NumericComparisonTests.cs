using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;
using ManagedSwarm.Transport.Stages.Chains;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Chains;

public sealed class NumericComparisonTests
{
    private static readonly NumericIdentity Cpu = new(1, "cpu-x64", "f16", "f32");

    [Fact]
    public void Equal_ones_need_no_warning()
    {
        Assert.Empty(NumericComparison.Warnings(Plan(Cpu), [Ready(Cpu), Ready(Cpu with { })]));
        Assert.Empty(NumericComparison.Warnings(Plan(null), [Ready(Cpu), Ready(Cpu)]));
    }

    [Fact]
    public void Others_are_named_with_what_they_compute_with()
    {
        var warning = Assert.Single(NumericComparison.Warnings(Plan(null), [Ready(Cpu), Ready(Cpu with { Device = "cpu-arm64" }, 1)]));
        Assert.StartsWith("bit-exactness is not promised: node 1 (layers 2..3)", warning, StringComparison.Ordinal);
        Assert.Contains("cpu-arm64", warning, StringComparison.Ordinal);
        Assert.Equal(2, NumericComparison.Warnings(Plan(Cpu with { KernelContract = 2 }), [Ready(Cpu), Ready(Cpu)]).Count);
    }

    [Fact]
    public void A_plan_with_a_gap_is_refused()
    {
        var good = Plan(null);
        PlanRules.Check(good);
        ChainPlan[] bad =
        [
            good with { Stages = [] },
            good with { Stages = [good.Stages[0], good.Stages[1] with { Layers = new LayerRange(3, 1) }] },
        ];
        Assert.All(bad, plan => Assert.Equal("invalid_plan", Assert.Throws<SwarmException>(() => PlanRules.Check(plan)).Code));
    }

    private static ChainStage Ready(NumericIdentity numerics, int index = 0) =>
        new($"node {index}", new LayerRange(index * 2, 2), new(), TimeSpan.Zero) { Ready = new(numerics, 1, TimeSpan.Zero) };

    private static ChainPlan Plan(NumericIdentity? numerics) => new()
    {
        ModelName = "m",
        ModelHash = SampleOffers.Hash,
        LayerCount = 4,
        HiddenSize = 8,
        KvCache = new KvCacheOptions(),
        Numerics = numerics,
        Stages =
        [
            .. Enumerable.Range(0, 2).Select(i => new StageAssignment
            {
                Worker = new StagePeer(SampleOffers.Peer((byte)i), []),
                Node = $"node {i}",
                Layers = new LayerRange(i * 2, 2),
            }),
        ],
    };
}
