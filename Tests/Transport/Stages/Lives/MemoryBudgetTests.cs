using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Tests.Transport.Stages.Lives;

public sealed class MemoryBudgetTests
{
    private readonly MemoryBudget _budget = new(10 << 20);

    [Fact]
    public void Gives_what_there_is_and_takes_it_back_once()
    {
        var one = _budget.Reserve(6 << 20, "a");
        var two = _budget.Reserve(4 << 20, "b");
        _budget.Release(one);
        _budget.Release(one);
        Assert.Equal(4 << 20, _budget.Reserved);
        _budget.Release(two);
        Assert.Equal(0, _budget.Reserved);
    }

    [Theory]
    [InlineData(4 << 20)]
    [InlineData(long.MaxValue)]
    public void Says_what_is_needed_what_there_is_and_who_has_it(long bytes)
    {
        _budget.Reserve(7 << 20, "layers 0..3 of 'tales' for ada");
        var refusal = Assert.Throws<SwarmException>(() => _budget.Reserve(bytes, "layers 4..5 of 'big' for bob"));
        Assert.Equal("not_enough_memory", refusal.Code);
        foreach (var part in (string[])["layers 4..5 of 'big' for bob needs", "this worker has 10240 KiB", "7168 KiB for layers 0..3 of 'tales' for ada"])
        {
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(7 << 20, _budget.Reserved);
    }
}
