using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>A step whose caller waits. It keeps the batch, which the result fills: what comes back is only what is new.</summary>
/// <param name="batch">The caller's, until the result comes.</param>
/// <param name="isUnwanted">Whether it was cancelled before it was sent.</param>
internal sealed class PendingStep(StepBatch batch, bool isUnwanted) : InFlightStep(batch.Step)
{
    private readonly Lock _gate = new();

    // Whoever waits goes on elsewhere: this is completed under a lock.
    private readonly TaskCompletionSource<StepBatch> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _registration;
    private bool _isOver;
    private volatile int _sentEpoch = -1;

    public StepBatch Batch { get; } = batch;

    public bool IsUnwanted { get; } = isUnwanted;

    public Task<StepBatch> Result => _result.Task;

    /// <summary>The last epoch in which its bytes have left the batch: from then on a result may fill it; -1: none.</summary>
    public int SentEpoch => _sentEpoch;

    /// <summary>When it was sent, by the clock's timestamp.</summary>
    public long Started { get; set; }

    public void MarkSent(int epoch) => _sentEpoch = epoch;

    /// <summary>Calls back when the step is not wanted any more, unless it is over by then.</summary>
    public void CancelWith(Action<PendingStep> cancel, CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(_ => cancel(this), null);
        lock (_gate)
        {
            if (!_isOver)
            {
                _registration = registration;
                return;
            }
        }

        registration.Unregister();
    }

    public void Complete()
    {
        EndWaiting();
        _result.TrySetResult(Batch);
    }

    /// <summary>It came to nothing.</summary>
    /// <param name="exception">Why.</param>
    /// <param name="isOurs">Whether nobody else can be reading the batch.</param>
    public void Fail(Exception exception, bool isOurs)
    {
        EndWaiting();
        if (isOurs)
        {
            // Otherwise its buffer is left to the garbage collector: the sender may be at it.
            Batch.Dispose();
        }

        _result.TrySetException(exception);
    }

    public void Cancel()
    {
        EndWaiting();
        Batch.Dispose();
        _result.TrySetCanceled();
    }

    /// <summary>It is dropped; the sender may be at its batch, whose buffer is left to the garbage collector.</summary>
    public void Drop()
    {
        EndWaiting();
        _result.TrySetCanceled();
    }

    /// <summary>A token that lives on must not keep the step.</summary>
    private void EndWaiting()
    {
        CancellationTokenRegistration registration;
        lock (_gate)
        {
            (_isOver, registration) = (true, _registration);
        }

        registration.Unregister();
    }
}
