using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>A stage that computes what a test says, and writes down what it was asked for.</summary>
/// <param name="layers">What it claims to have.</param>
/// <param name="compute">Changes a batch; may block, and throw.</param>
internal sealed class ScriptedStage(LayerRange layers, Action<StepBatch, CancellationToken> compute) : IStage
{
    private readonly List<string> _log = [];
    private int _isComputing;

    public LayerRange Layers => layers;

    public int StepsInFlight => 1;

    public bool IsDisposed { get; private set; }

    /// <summary>For each step that has operations: its number, these, and its tokens.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Adds one to every float.</summary>
    public static void AddOne(StepBatch batch, CancellationToken cancellationToken)
    {
        foreach (ref var value in batch.Hidden.Span)
        {
            value++;
        }
    }

    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        Assert.Equal(0, Interlocked.Exchange(ref _isComputing, 1));
        Assert.False(IsDisposed);
        if (batch.Operations.Length > 0)
        {
            Note(batch);
        }

        try
        {
            compute(batch, cancellationToken);
            return new(batch);
        }
        catch
        {
            batch.Dispose();
            throw;
        }
        finally
        {
            Volatile.Write(ref _isComputing, 0);
        }
    }

    public ValueTask DisposeAsync()
    {
        Assert.Equal(0, Volatile.Read(ref _isComputing));
        IsDisposed = true;
        return default;
    }

    private void Note(StepBatch batch)
    {
        var operations = batch.Operations.ToArray().Select(operation => $"{operation.Kind} {operation.Sequence}");
        lock (_log)
        {
            _log.Add($"{batch.Step}: {string.Join(" ", operations)} ({batch.TokenCount})");
        }
    }
}
