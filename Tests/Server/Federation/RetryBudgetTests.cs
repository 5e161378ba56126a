using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class RetryBudgetTests
{
    [Fact]
    public void Allows_a_reserve_and_then_a_part_of_the_requests()
    {
        var budget = new RetryBudget(new() { RetryReserve = 2, RetriesPerRequest = 0.25 });
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => budget.TryWithdraw()));

        var retries = 0;
        for (var i = 0; i < 100; i++)
        {
            budget.Deposit();
            retries += budget.TryWithdraw() ? 1 : 0;
        }

        Assert.Equal(25, retries);
    }

    [Fact]
    public void Saves_no_more_than_the_reserve()
    {
        var budget = new RetryBudget(new() { RetryReserve = 2, RetriesPerRequest = 1 });
        budget.Deposit();
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => budget.TryWithdraw()));
    }
}
