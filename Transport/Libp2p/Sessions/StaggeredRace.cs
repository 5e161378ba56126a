namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>
/// Tries several ways to the same thing in the manner of Happy Eyeballs (RFC 8305, section 5): the next one a while after the one before,
/// or at once when one fails. The first that succeeds wins; the others are cancelled and waited for.
/// </summary>
/// <typeparam name="TResult">What an attempt comes to.</typeparam>
/// <typeparam name="TError">What an attempt that fails throws.</typeparam>
/// <param name="delay">How long an attempt has before the next begins beside it.</param>
/// <param name="sideBySide">Attempts under way at once, at most.</param>
/// <param name="time">The clock of the delay.</param>
internal sealed class StaggeredRace<TResult, TError>(TimeSpan delay, int sideBySide, TimeProvider time)
    where TResult : class
    where TError : Exception
{
    /// <param name="attempts">In the order of their beginning; the next is asked for when its turn has come.</param>
    /// <param name="discard">Takes the result of one that succeeds too late.</param>
    /// <param name="cancellationToken">Cancels all.</param>
    /// <returns>The winner's result, or the errors of all in the order of failing.</returns>
    public async Task<(TResult? Winner, IReadOnlyList<TError> Errors)> RunAsync(
        IEnumerable<Func<CancellationToken, Task<TResult>>> attempts, Func<TResult, ValueTask> discard, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var (running, errors) = (new List<Task<TResult>>(), new List<TError>());
        try
        {
            using var next = attempts.GetEnumerator();
            var hasNext = next.MoveNext();
            while (hasNext || running.Count > 0)
            {
                if (hasNext && running.Count < sideBySide)
                {
                    running.Add(next.Current(stop.Token));
                    hasNext = next.MoveNext();
                }

                var first = await FirstAsync(running, hasNext && running.Count < sideBySide ? delay : Timeout.InfiniteTimeSpan);
                if (first is null)
                {
                    continue;
                }

                running.Remove(first);
                try
                {
                    return (await first, errors);
                }
                catch (TError error)
                {
                    errors.Add(error);
                }
            }

            return (null, errors);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(running.Select(late => DiscardAsync(late, discard)));
        }
    }

    /// <returns>The first that ends; null: none does within the limit.</returns>
    private async Task<Task<TResult>?> FirstAsync(List<Task<TResult>> running, TimeSpan limit)
    {
        try
        {
            return await Task.WhenAny(running).WaitAsync(limit, time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static async Task DiscardAsync(Task<TResult> late, Func<TResult, ValueTask> discard)
    {
        try
        {
            await discard(await late);
        }
        catch (Exception exception) when (exception is TError or OperationCanceledException)
        {
            // It is not needed any more.
        }
    }
}
