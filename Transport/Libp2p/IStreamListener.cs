namespace ManagedSwarm.Transport.Libp2p;

/// <summary>Takes the streams of one protocol that peers open. Disposing refuses those that nobody has accepted.</summary>
public interface IStreamListener : IAsyncDisposable
{
    /// <summary>Waits for the next stream. One call at a time.</summary>
    /// <returns>A stream that is the caller's; null: the listener was disposed, before or during the call.</returns>
    ValueTask<IMuxStream?> AcceptAsync(CancellationToken cancellationToken = default);
}
