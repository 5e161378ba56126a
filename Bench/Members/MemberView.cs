namespace ManagedSwarm.Bench.Members;

/// <summary>What a node has said of the others so far.</summary>
internal sealed class MemberView(MemberProcess node)
{
    private readonly Dictionary<string, MemberNews> _last = [];

    /// <summary>How often it has said of a living member that it is suspect or lost.</summary>
    public int Alarms { get; private set; }

    public MemberProcess Node => node;

    /// <summary>Waits until the node says that members are in a state.</summary>
    /// <returns>When the last of them was, by Stopwatch; null: not in time.</returns>
    public async Task<long?> UntilAsync(IReadOnlyCollection<string> ids, string state, TimeSpan timeout)
    {
        using var limit = new CancellationTokenSource(timeout);
        try
        {
            while (!ids.All(id => _last.TryGetValue(id, out var news) && news.State == state))
            {
                var news = await node.News.ReadAsync(limit.Token);
                Alarms += news.State is "suspect" or "lost" ? 1 : 0;
                _last[news.Id] = news;
            }

            return ids.Max(id => _last[id].At);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
