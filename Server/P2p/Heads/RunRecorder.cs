using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>Keeps what was measured of a split model, and writes it where <c>plan</c> finds it. Safe for use by many threads.</summary>
/// <param name="path">The file of <see cref="MeasuredRuns"/>.</param>
/// <param name="modelHash">Which model.</param>
/// <param name="wire">What hidden states are sent as.</param>
/// <param name="time">The clock.</param>
internal sealed class RunRecorder(string path, string modelHash, string wire, TimeProvider time) : IDisposable
{
    /// <summary>Between two writes, at least: each reply may bring something new.</summary>
    public static readonly TimeSpan WriteInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private MeasuredRun? _latest;
    private bool _isWarm;
    private MeasuredRun? _unwritten;
    private long? _written;

    /// <summary>What was measured last; null: nothing, or of stages that are others by now.</summary>
    /// <param name="stages">As they are.</param>
    public MeasuredRun? LatestOf(BuiltStages stages)
    {
        lock (_gate)
        {
            return stages.IsAsPlanned && _latest is { } latest && latest.IsOf(modelHash, wire, stages.Plan) ? latest : null;
        }
    }

    /// <summary>A reply was measured.</summary>
    /// <param name="stages">That have made it.</param>
    /// <param name="reply">How fast it was.</param>
    public void Add(BuiltStages stages, ReplyMeasurement reply)
    {
        if (reply.PerToken <= TimeSpan.Zero || !stages.IsAsPlanned)
        {
            return;
        }

        lock (_gate)
        {
            // The first reply of a process waits for code to be compiled.
            var firstToken = _isWarm ? reply.FirstToken : null;
            _isWarm = true;
            var last = _latest is { } latest && latest.IsOf(modelHash, wire, stages.Plan) ? latest : null;
            _latest = _unwritten = new(
                modelHash,
                wire,
                [.. stages.Plan.Stages.Select(stage => new MeasuredStage(
                    stage.NodeId, stage.Layers.First, stage.Layers.End, MillisecondsOf(stages.PerLayerOf(stage.Layers))))],
                reply.PerToken.TotalMilliseconds,
                firstToken is null ? last?.PromptTokens ?? reply.PromptTokens : reply.PromptTokens,
                firstToken is { } first ? MillisecondsOf(first) : last?.MsToFirstToken,
                time.GetUtcNow().UtcDateTime);
            if (_written is not { } written || time.GetElapsedTime(written) >= WriteInterval)
            {
                WriteLocked();
            }
        }
    }

    /// <summary>Writes what is not written yet.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            WriteLocked();
        }
    }

    private static double? MillisecondsOf(TimeSpan time) => time > TimeSpan.Zero ? time.TotalMilliseconds : null;

    private void WriteLocked()
    {
        if (_unwritten is { } run)
        {
            // Where it cannot be written, a plan only has nothing to compare with.
            MeasuredRuns.TryAdd(path, run);
            (_unwritten, _written) = (null, time.GetTimestamp());
        }
    }
}
