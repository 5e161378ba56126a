using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class RetryBudgetTests
{
    [Fact]
    public void Allows_a_reserve_and_then_a_part_of_the_requests()
    {
        var budget = new RetryBudget(new() { RetryReserve = 2, RetriesPerRequest = 0.25 });
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Withdraw(budget)));

        var retries = 0;
        for (var i = 0; i < 100; i++)
        {
            budget.Deposit();
            retries += Withdraw(budget) ? 1 : 0;
        }

        Assert.Equal(25, retries);
    }

    [Fact]
    public void Saves_no_more_than_the_reserve()
    {
        var budget = new RetryBudget(new() { RetryReserve = 2, RetriesPerRequest = 1 });
        budget.Deposit();
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => Withdraw(budget)));
    }

    [Fact]
    public void What_a_lost_instance_had_goes_on_once_however_much_it_was()
    {
        var budget = new RetryBudget(new() { RetryReserve = 1, RetriesPerRequest = 0 });
        Assert.All(Enumerable.Range(0, 100), _ => Assert.True(budget.TryWithdraw(RouteOutcome.Lost, sent: 1)));
        Assert.Equal([true, false], Enumerable.Range(0, 2).Select(_ => budget.TryWithdraw(RouteOutcome.Lost, sent: 2)));
    }

    private static bool Withdraw(RetryBudget budget) => budget.TryWithdraw(RouteOutcome.Failed, sent: 1);
}
