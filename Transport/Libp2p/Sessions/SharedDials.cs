namespace ManagedSwarm.Transport.Libp2p.Sessions;

/// <summary>
/// Dials under way, by peer: whoever wants the same peer meanwhile waits for the same dial. It is given up when nobody waits for it any more.
/// Safe for use by many threads.
/// </summary>
/// <typeparam name="TResult">What a dial comes to.</typeparam>
/// <param name="tasks">Where dials count until they are over, also those that nobody waits for any more.</param>
internal sealed class SharedDials<TResult>(RunningTasks tasks)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PeerId, Dial> _dials = [];

    /// <summary>Dials under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _dials.Count;
            }
        }
    }

    /// <summary>Waits for the dial that is under way, or begins one.</summary>
    /// <param name="peer">Whom to.</param>
    /// <param name="dial">Dials. Its token is cancelled when nobody waits any more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SwarmException">What the dial throws.</exception>
    public async Task<TResult> RunAsync(PeerId peer, Func<CancellationToken, Task<TResult>> dial, CancellationToken cancellationToken)
    {
        while (true)
        {
            var (shared, isOwn) = Join(peer, dial);
            try
            {
                return await shared.Result.WaitAsync(cancellationToken);
            }
            catch (SwarmException) when (!isOwn)
            {
                // The other caller may have had other addresses; now it is this one's turn.
            }
            finally
            {
                Leave(peer, shared);
            }
        }
    }

    private (Dial Dial, bool IsOwn) Join(PeerId peer, Func<CancellationToken, Task<TResult>> dial)
    {
        lock (_gate)
        {
            if (_dials.TryGetValue(peer, out var shared) && !shared.Result.IsCompleted)
            {
                shared.Waiting++;
                return (shared, false);
            }

            var own = _dials[peer] = new Dial(dial);
            tasks.AddEndOf(own.Result);
            return (own, true);
        }
    }

    private void Leave(PeerId peer, Dial dial)
    {
        lock (_gate)
        {
            if (--dial.Waiting > 0)
            {
                return;
            }

            if (_dials.GetValueOrDefault(peer) == dial)
            {
                _dials.Remove(peer);
            }
        }

        dial.Dispose();
    }

    private sealed class Dial : IDisposable
    {
        // Without a timer or a handle there is nothing to dispose, and the dial may still look at it.
        private readonly CancellationTokenSource _stop = new();

        public Dial(Func<CancellationToken, Task<TResult>> dial) => Result = Task.Run(() => dial(_stop.Token));

        public Task<TResult> Result { get; }

        public int Waiting { get; set; } = 1;

        /// <summary>Gives up.</summary>
        public void Dispose() => _stop.Cancel();
    }
}
