namespace ManagedSwarm.Server.Federation;

/// <summary>
/// Bounds the retries of all requests together: each request pays in a part of one, each retry takes one out. Safe for use by many threads.
/// </summary>
internal sealed class RetryBudget(RouterOptions options)
{
    private readonly Lock _gate = new();
    private double _left = options.RetryReserve;

    /// <summary>A request has come.</summary>
    public void Deposit()
    {
        lock (_gate)
        {
            _left = Math.Min(options.RetryReserve, _left + options.RetriesPerRequest);
        }
    }

    /// <summary>Whether a request may be sent once more; then it counts.</summary>
    /// <param name="outcome">What became of it where it was.</param>
    /// <param name="sent">To how many it was sent.</param>
    public bool TryWithdraw(RouteOutcome outcome, int sent)
    {
        // All that an instance had when it was lost comes back at once, however much that was; and those instances that are left have no more to do
        // by it than if it had been sent to them from the first.
        if (outcome == RouteOutcome.Lost && sent == 1)
        {
            return true;
        }

        lock (_gate)
        {
            var has = _left >= 1;
            _left -= has ? 1 : 0;
            return has;
        }
    }
}
