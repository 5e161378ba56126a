using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Tests.Engine.Generation;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

public sealed class BuiltStagesTests
{
    private static readonly SplitPlan Whole = SplitPlan.Whole(new()
    {
        Shape = new()
        {
            Name = "model",
            HiddenSize = 1,
            LayerWeightBytes = [1],
            LayerFileBytes = [1],
            HeadWeightBytes = 1,
            KvBytesPerLayer = 1,
            WorkspaceBytes = 1,
        },
        Nodes = [new() { Id = "head", Name = "head", IsHead = true, FreeMemory = 100 }],
    });

    [Fact]
    public async Task Are_never_lost_where_all_layers_are_here()
    {
        using var cancelling = new CancellationTokenSource();
        var lost = new BuiltStages(Whole, new ToyStage(capacityTokens: 4), []).LostAsync(cancelling.Token);
        Assert.False(lost.IsCompleted);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lost);
    }
}
