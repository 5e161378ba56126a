namespace ManagedSwarm.Server.Hosting;

/// <summary>
/// Lets replies that are under way come to their end when the server is asked to stop, but not for ever: after
/// <see cref="ApiServerOptions.DrainTimeout"/> the rest of them is cut off with an error.
/// </summary>
internal sealed class ShutdownDrain : IDisposable
{
    private readonly CancellationTokenSource _expired;
    private readonly CancellationTokenRegistration _stopping;

    public ShutdownDrain(IHostApplicationLifetime lifetime, ApiServerOptions options, TimeProvider time)
    {
        _expired = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stopping = lifetime.ApplicationStopping.Register(() => _expired.CancelAfter(options.DrainTimeout));
    }

    /// <summary>Cancelled when there is no more time for replies.</summary>
    public CancellationToken Expired => _expired.Token;

    public void Dispose()
    {
        _stopping.Dispose();
        _expired.Dispose();
    }
}
