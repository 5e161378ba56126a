using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Transport.Stages.Work;

/// <summary>
/// A worker's stage over all epochs of its plan: what it computes with, which sequences it has, and what it has sent. In each epoch one
/// <see cref="StageRun"/> uses it.
/// </summary>
/// <param name="stage">Who computes. Stays the caller's.</param>
/// <param name="offer">What it is a part of.</param>
/// <param name="options">Clock and log.</param>
/// <param name="metrics">What it took.</param>
/// <param name="stepped">Is told of each step that has come.</param>
/// <param name="lost">Is told of which epoch and which stage's stream is lost, and why; must not wait.</param>
internal sealed class StageRunner(
    IStage stage, StageOffer offer, StageOptions options, StageMetrics metrics, Action stepped, Action<int, int, StageFault> lost) : IAsyncDisposable
{
    private readonly BoundaryLog _log = new(offer.HiddenSize, offer.Wire, offer.KvCache.BlockLength, offer.LoggedTokens);
    private readonly HashSet<long> _sequences = [];
    private StageRun? _run;
    private long _done = -1;

    public StageOffer Offer => offer;

    /// <summary>The layers whose steps it computes.</summary>
    public LayerRange Layers { get; private set; } = offer.Layers;

    public StageOptions Options => options;

    /// <summary>What it has sent on.</summary>
    public BoundaryLog Log => _log;

    /// <summary>The last step that it has computed; -1: none.</summary>
    public long Done
    {
        get => Volatile.Read(ref _done);
        private set => Volatile.Write(ref _done, value);
    }

    /// <summary>Ends the epoch that is, behind the step that is computed, and begins another one.</summary>
    public async Task PrepareAsync(StageLinks links)
    {
        await EndRunAsync();
        await BeginAsync(links);
        _run = new StageRun(this, links, lost);
    }

    /// <summary>Ends the epoch that is, behind the step that is computed: none is computed before another one begins.</summary>
    public async Task EndRunAsync()
    {
        if (_run is { } last)
        {
            _run = null;
            await last.DisposeAsync();
        }
    }

    /// <summary>What the stage knows becomes what it has to know when an epoch begins.</summary>
    public async Task BeginAsync(StageLinks links)
    {
        _log.Acknowledge(links.Answered);
        if (links.Kept is { } kept && kept != Layers)
        {
            Narrow(kept);
        }

        if (links.IsFresh)
        {
            await ForgetAsync();
        }
    }

    /// <summary>Computes the steps of an epoch.</summary>
    public StepComputer CreateComputer(StageLinks links, StepCanceller canceller) =>
        new(stage, Layers, links.Stage, canceller, options, metrics);

    /// <summary>A step has come.</summary>
    public void NoteStep() => stepped();

    /// <summary>Steps come from here.</summary>
    public void UsePrevious(StageLink link) => _run!.UsePrevious(link);

    /// <summary>Steps go on here: from now on they are computed.</summary>
    public void UseNext(StageLink link) => _run!.UseNext(link);

    /// <summary>A step is not wanted any more.</summary>
    public void Cancel(long step) => _run?.Cancel(step);

    /// <summary>A step was computed, or its operations alone were done; it is about to be sent.</summary>
    public void Record(StepBatch outgoing, StepFailure? failure, ReadOnlySpan<HopTime> trace)
    {
        Note(outgoing.Operations);
        _log.Record(outgoing, failure, trace);
        Done = outgoing.Step;
    }

    /// <summary>Sequences were told that this stage did not have.</summary>
    public void RecordReplay(StepBatch outgoing)
    {
        Note(outgoing.Operations);
        _log.Learn(outgoing);
    }

    /// <summary>Ends the step that is computed, resets both streams, and waits until nothing uses the stage any more.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_run is { } run)
        {
            run.Close();
            await run.DisposeAsync();
        }

        _log.Clear();
    }

    /// <summary>The stage knows these sequences, which came from others.</summary>
    public void Adopted(IEnumerable<long> sequences) => _sequences.UnionWith(sequences);

    /// <summary>What came behind layers that it gives away is not what the next stage would have to be told.</summary>
    private void Narrow(LayerRange kept)
    {
        if (stage is not IMovableStage || kept.First < Layers.First || kept.End > Layers.End)
        {
            throw new SwarmException("protocol_violation", $"the stage is to keep layers {kept}; it has {Layers}");
        }

        if (kept.End != Layers.End)
        {
            _log.Clear();
        }

        Layers = kept;
    }

    private void Note(ReadOnlySpan<SequenceOperation> operations)
    {
        foreach (var operation in operations)
        {
            if (operation.Kind is SequenceOperationKind.Open or SequenceOperationKind.Fork)
            {
                _sequences.Add(operation.Sequence);
            }
            else if (operation.Kind == SequenceOperationKind.Close)
            {
                _sequences.Remove(operation.Sequence);
            }
        }
    }

    private async Task ForgetAsync()
    {
        if (_sequences.Count > 0)
        {
            SequenceOperation[] closes = [.. _sequences.Select(SequenceOperation.Close)];
            (await stage.StepAsync(new StepBatch(0, 0, closes, [], offer.HiddenSize), CancellationToken.None)).Dispose();
            _sequences.Clear();
        }

        _log.Clear();
        Done = -1;
    }
}
