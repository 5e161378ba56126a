using System.Threading.Tasks.Sources;

namespace ManagedSwarm.Transport.Libp2p.Yamux;

/// <summary>
/// Lets one caller wait at a time, again and again, without allocating. Whoever wants to end a wait claims it first: exactly one of its
/// completion, its failure and its cancellation succeeds, and between claim and completion the caller's buffers may be used. The caller
/// goes on on another thread of the pool than that of whoever ends its wait, unless that one lends its own.
/// </summary>
internal sealed class Waiter : IValueTaskSource<int>
{
    private static readonly Action<object?, CancellationToken> Cancelled = static (state, token) => ((Waiter)state!).Cancel(token);

    private ManualResetValueTaskSourceCore<int> _core;
    private CancellationTokenRegistration _registration;
    private int _number;
    private int _open;

    /// <summary>Which wait is the latest, so that whoever ends a wait late does not end the next one.</summary>
    public int Number => _number;

    /// <summary>Whether somebody waits and nobody has claimed that.</summary>
    public bool IsOpen => Volatile.Read(ref _open) != 0;

    /// <summary>Waits; the task must be awaited once, before the next call.</summary>
    public ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        _core.Reset();
        _core.RunContinuationsAsynchronously = true;
        _number = _number == int.MaxValue ? 1 : _number + 1;
        Volatile.Write(ref _open, _number);
        _registration = cancellationToken.UnsafeRegister(Cancelled, this);
        return new ValueTask<int>(this, _core.Version);
    }

    /// <summary>Claims the wait that is open, if one is.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref _open, 0) != 0;

    /// <summary>Claims a certain wait, if it is open.</summary>
    public bool TryClaim(int number) => Interlocked.CompareExchange(ref _open, 0, number) == number;

    /// <summary>Ends the claimed wait.</summary>
    public void Complete(int result) => _core.SetResult(result);

    /// <summary>Ends the claimed wait, and lends this thread to the caller until it waits again.</summary>
    public void CompleteHere(int result)
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(result);
    }

    /// <summary>Ends the claimed wait with an error.</summary>
    public void Fail(Exception error) => _core.SetException(error);

    int IValueTaskSource<int>.GetResult(short token)
    {
        // Waits for a cancellation that is just being told, which then cannot meet the next wait.
        _registration.Dispose();
        return _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken cancellationToken)
    {
        if (TryClaim())
        {
            _core.SetException(new OperationCanceledException(cancellationToken));
        }
    }
}
