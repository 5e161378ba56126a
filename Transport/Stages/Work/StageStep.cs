using System.Buffers;
using System.Runtime.InteropServices;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>A step at a stage, used again for another one when it has gone on.</summary>
internal sealed class StageStep
{
    private readonly List<HopTime> _trace = [];
    private StepBatch? _batch;

    public StepBatch Batch => _batch ?? throw new InvalidOperationException("the step has no batch");

    /// <summary>Why it is not computed; null: it is.</summary>
    public StepFailure? Failure { get; set; }

    /// <summary>Whether it tells sequences that the stage does not have.</summary>
    public bool IsReplay { get; private set; }

    /// <summary>The last step whose result the head has; -1: none.</summary>
    public long Answered { get; private set; }

    /// <summary>When it had come, by the clock's timestamp.</summary>
    public long Arrived { get; set; }

    public ReadOnlySpan<HopTime> Trace => CollectionsMarshal.AsSpan(_trace);

    /// <summary>Becomes what a frame says.</summary>
    /// <exception cref="SwarmException"><c>invalid_frame</c>, <c>frame_too_large</c></exception>
    public void Read(StepFrameReader reader, in ReadOnlySequence<byte> frame)
    {
        var reuse = _batch;
        try
        {
            _batch = null;
            _batch = reader.Read(frame, _trace, reuse);
            (Failure, IsReplay, Answered) = (reader.Failure, reader.IsReplay, reader.Answered);
        }
        catch
        {
            reuse?.Dispose();
            throw;
        }
    }

    /// <summary>Has another batch from now on: what the stage has returned.</summary>
    public void Replace(StepBatch batch) => _batch = batch;

    public void AddHop(HopTime hop)
    {
        if (_trace.Count < HopTime.MaxHops)
        {
            _trace.Add(hop);
        }
    }

    /// <summary>The stage has disposed the batch.</summary>
    public void Forget() => _batch = null;

    public void Free() => _batch?.Dispose();
}
