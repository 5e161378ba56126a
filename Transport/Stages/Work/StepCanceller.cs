using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>A stage's gate, for the threads that read steps, compute them and hear of cancellations; it ends the step that is computed.</summary>
/// <param name="epoch">The plan's.</param>
internal sealed class StepCanceller(int epoch) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly StepGate _gate = new(epoch);
    private CancellationTokenSource _source = new();
    private long? _current;
    private bool _isOver;

    /// <exception cref="SwarmException">See <see cref="StepGate.Accept"/>.</exception>
    public void Accept(long step, int stepEpoch)
    {
        lock (_lock)
        {
            _gate.Accept(step, stepEpoch);
        }
    }

    /// <summary>A step's turn has come.</summary>
    /// <returns>Whether it is to be computed, and what ends that.</returns>
    public (bool IsWanted, CancellationToken Cancellation) Begin(long step)
    {
        lock (_lock)
        {
            _current = step;
            return (!_isOver && !_gate.IsCancelled(step), _source.Token);
        }
    }

    /// <summary>The step has been computed, or not.</summary>
    public void End(long step)
    {
        lock (_lock)
        {
            _current = null;
            _gate.Done(step);
            if (_source.IsCancellationRequested && !_isOver)
            {
                _source.Dispose();
                _source = new();
            }
        }
    }

    /// <summary>A step is not wanted any more.</summary>
    public void Cancel(long step)
    {
        lock (_lock)
        {
            _gate.Cancel(step);
            if (_current == step)
            {
                _source.Cancel();
            }
        }
    }

    /// <summary>None is wanted, and none accepted any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isOver = true;
            _gate.Close();
            _source.Cancel();
        }
    }

    public void Dispose() => _source.Dispose();
}
