namespace ManagedSwarm.Server.Pages.Access;

/// <summary>
/// How many pages those may hold open who may only look: strangers, where pages are public and no key is set. A page that is kept up to date is
/// memory of this node, which a stranger must not be able to fill; who may act needs no place. Safe for use by many threads.
/// </summary>
internal sealed class GuestPlaces
{
    /// <summary>
    /// A page was measured as 0.4 MiB of objects, and 2 MiB with its connection's buffers and what awaits collection: all together take some
    /// 130 MiB at most, which a node that has a model can spare.
    /// </summary>
    public const int Max = 64;

    private int _taken;

    /// <summary>Whether nobody else gets one at present.</summary>
    public bool AreTaken => Volatile.Read(ref _taken) >= Max;

    /// <summary>A page connects.</summary>
    /// <returns>False: there is no place; else it is to be given back.</returns>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= Max)
        {
            return true;
        }

        GiveBack();
        return false;
    }

    /// <summary>A page whose connection is lost is there still, and has the place that its connection gives back.</summary>
    public void Keep() => Interlocked.Increment(ref _taken);

    public void GiveBack() => Interlocked.Decrement(ref _taken);
}
