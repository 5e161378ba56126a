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
    public bool TryWithdraw()
    {
        lock (_gate)
        {
            var has = _left >= 1;
            _left -= has ? 1 : 0;
            return has;
        }
    }
}
