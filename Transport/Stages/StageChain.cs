using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Stages.Chains;
using ManagedSwarm.Transport.Stages.Links;
using ManagedSwarm.Transport.Stages.Lives;
using ManagedSwarm.Transport.Stages.Logs;

namespace ManagedSwarm.Transport.Stages;

/// <summary>
/// Consecutive layers of a model on workers, as one stage: a step goes to the first worker, from each to the next, and from the last one
/// back. Several may be under way: results come in the order of the steps. Where a worker is lost, others take its layers, are told the
/// sequences that they lack, and the steps under way go through once more; their callers notice nothing but the time. Where there is nobody
/// who could take them, all steps under way fail with <c>stage_lost</c>, and so do all that follow. Safe for use by many threads.
/// </summary>
public sealed class StageChain : IStage
{
    private readonly StageNode _node;
    private readonly ChainPlan _plan;
    private readonly ChainDriver _driver;
    private readonly BoundaryLog _log;
    private readonly ChainTimes _times;
    private readonly StepSender _sender;
    private readonly ForgottenSequences _forgotten = new();
    private readonly Action<PendingStep> _cancel;
    private IReadOnlyList<string>? _warnings;
    private int _disposed;

    private StageChain(StageNode node, ChainPlan plan, IStagePlaces? places, IProgress<ChainProgress>? progress)
    {
        (_node, _plan, _cancel) = (node, plan, Cancel);
        _log = new BoundaryLog(plan.HiddenSize, plan.Wire, plan.KvCache.BlockLength, places is null ? 0 : plan.LoggedTokens);
        _times = new ChainTimes(plan, node.Options, node.Metrics);
        _driver = new ChainDriver(node, plan, places, progress, new Steps(this));
        _sender = new StepSender(_driver, _log, plan.TokensPerStep, _times.PatienceWith);
        Layers = new LayerRange(plan.Stages[0].Layers.First, plan.Stages.Sum(stage => stage.Layers.Count));
    }

    public LayerRange Layers { get; }

    public PlanId Plan => _plan.Id;

    /// <summary>How many steps keep all workers busy.</summary>
    public int StepsInFlight => _times.StepsInFlight;

    /// <summary>What users should know: why a reply may not be the one that a single machine gives.</summary>
    public IReadOnlyList<string> Warnings => NumericComparison.Warnings(_plan, _driver.Stages);

    /// <summary>Who has which layers now.</summary>
    public IReadOnlyList<StageAssignment> Stages => [.. _driver.Stages.Select(stage => stage.Assignment)];

    /// <summary>Why steps wait, where some layers are nobody's; null: they are not.</summary>
    public string? Waiting => _driver.Waiting?.Text;

    /// <summary>Ends when the chain is over, never with an exception.</summary>
    public Task Over => _driver.Over;

    /// <summary>Why it is over; null: it is not.</summary>
    public SwarmException? Failure => _driver.Failure;

    /// <summary>What was measured, for each stage.</summary>
    public IReadOnlyList<StageStatistics> Statistics => _times.Statistics;

    /// <summary>Offers the layers to their workers, and waits until all have loaded them and are linked.</summary>
    /// <param name="node">This node's part in plans. Stays the caller's, and is to be disposed later than the chain.</param>
    /// <param name="plan">Who has which layers.</param>
    /// <param name="progress">Told how far the workers are, by any thread.</param>
    /// <param name="places">Who takes layers that are lost; null: the chain is over then.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SwarmException">
    /// <c>invalid_plan</c>; what a worker refuses with, such as <c>not_enough_memory</c>; <c>version_mismatch</c>, <c>not_served</c>,
    /// <c>connect_timeout</c>, <c>stage_lost</c>; nothing is left behind at the workers.
    /// </exception>
    public static async Task<StageChain> StartAsync(
        StageNode node,
        ChainPlan plan,
        IProgress<ChainProgress>? progress = null,
        IStagePlaces? places = null,
        CancellationToken cancellationToken = default)
    {
        PlanRules.Check(plan);
        var chain = new StageChain(node, plan, places, progress);
        try
        {
            await chain._driver.StartAsync(cancellationToken);
            return chain;
        }
        catch
        {
            await chain.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="EngineException">
    /// A worker could not compute it: its code, and which one; <c>hidden_size</c>, <c>invalid_step</c>: it cannot be sent;
    /// <c>sequences_lost</c>: layers were lost, and its sequences are too long to be remembered.
    /// </exception>
    /// <exception cref="SwarmException"><c>stage_lost</c>, <c>step_timeout</c>, <c>chain_closed</c>: the chain is over.</exception>
    public ValueTask<StepBatch> StepAsync(StepBatch batch, CancellationToken cancellationToken)
    {
        _node.NoteStep();
        var step = new PendingStep(batch, cancellationToken.IsCancellationRequested) { Started = _node.Options.Time.GetTimestamp() };
        try
        {
            RequireSendable(batch);
            _driver.Begin(step);
            _sender.Send();
        }
        catch (Exception exception) when (exception is SwarmException or EngineException)
        {
            step.Fail(exception, isOurs: true);
            return new(step.Result);
        }

        if (cancellationToken.CanBeCanceled && !step.IsUnwanted)
        {
            step.CancelWith(_cancel, cancellationToken);
        }

        return new(step.Result);
    }

    /// <summary>Others take the layers of a worker that is to leave, between two steps; it goes on until then.</summary>
    /// <param name="worker">Who leaves.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SwarmException"><c>busy</c>; or why nobody could take them. All is as before then.</exception>
    public Task ReplaceAsync(Libp2p.PeerId worker, CancellationToken cancellationToken) => _driver.ReplaceAsync(worker, cancellationToken);

    /// <summary>Layers are placed otherwise, between two steps: stages that are the same go on, others take the places of the rest.</summary>
    /// <param name="places">In order; together just the chain's layers.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False: that cannot be now, as a loss is made good, or others take layers over.</returns>
    /// <exception cref="SwarmException">Why those others could not take them. All is as before then.</exception>
    public Task<bool> RearrangeAsync(IReadOnlyList<StageAssignment> places, CancellationToken cancellationToken)
    {
        PlanRules.Check(_plan with { Stages = places });
        if (places[0].Layers.First != Layers.First || places[^1].Layers.End != Layers.End)
        {
            throw new SwarmException("invalid_plan", $"the places are for layers {places[0].Layers} to {places[^1].Layers}; the chain has {Layers}");
        }

        return _driver.RearrangeAsync(places, cancellationToken);
    }

    /// <summary>Unloads the layers everywhere; steps under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _driver.DisposeAsync();
        await _sender.WhenIdleAsync();
        _log.Clear();
    }

    private void RequireSendable(StepBatch batch)
    {
        batch.RequireHiddenSize(_plan.HiddenSize);
        if (batch.TokenCount > _plan.TokensPerStep)
        {
            throw new EngineException("invalid_step", $"step {batch.Step} has {batch.TokenCount} tokens; allowed are {_plan.TokensPerStep}");
        }
    }

    /// <summary>Those that have come later: of the first ones, whoever starts the chain is told.</summary>
    private void WarnOfOthers()
    {
        var warnings = Warnings;
        foreach (var warning in _warnings is null ? [] : warnings.Except(_warnings, StringComparer.Ordinal))
        {
            TransportLog.StageDiffers(_node.Options.Logger, _plan.ModelName, warning);
        }

        _warnings = warnings;
    }

    private void Cancel(PendingStep step)
    {
        if (_driver.Cancel(step))
        {
            step.Drop();
        }
    }

    /// <summary>What the driver sees of it.</summary>
    private sealed class Steps(StageChain chain) : IChainSteps
    {
        public void Forget(PendingStep step) =>
            chain._forgotten.Add([.. step.Batch.Segments.ToArray().Select(segment => segment.Sequence)]);

        public void Require(PendingStep step) => chain._forgotten.RequireNoneIn(step.Batch);

        public bool GiveUpForgotten()
        {
            if (chain._log.IsComplete)
            {
                return false;
            }

            chain._forgotten.Add(chain._log.Untracked);
            return true;
        }

        public Task ReceiveAsync(StageLink link, int epoch, CancellationToken cancellationToken) =>
            new StepAnswers(chain._driver, chain._plan, chain._log, chain._times).ReceiveAsync(link, epoch, cancellationToken);

        public void Resume()
        {
            chain._times.Begin(chain._driver.Stages);
            chain.WarnOfOthers();
            chain._sender.Send();
        }

        public void Fail(IReadOnlyList<InFlightStep> steps, Exception reason)
        {
            foreach (var step in steps.Cast<PendingStep>())
            {
                step.Fail(Under(step, reason), isOurs: false);
            }
        }

        private static Exception Under(PendingStep step, Exception reason) => reason switch
        {
            SwarmException lost => new SwarmException(lost.Code, $"{lost.Message}; step {step.Step} was under way", lost),
            EngineException lost => new EngineException(lost.Code, $"{lost.Message}; step {step.Step} was under way", lost),
            _ => reason,
        };
    }
}
