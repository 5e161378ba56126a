using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Membership.Facts;

namespace ManagedSwarm.Server.Pages.Swarm.Plans;

/// <summary>
/// What each strategy would make of this node's model and the members that are there: as <c>plan</c> does, by the same words. Safe for use by
/// many threads; many who look get one answer.
/// </summary>
internal sealed class PlanDesk(SwarmService swarm, SwarmSetup setup, ModelSlot models, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private PlanState? _last;
    private long _at;

    /// <summary>Plans now. Reads the model's file, but no weights.</summary>
    public async Task<PlanState> MakeAsync()
    {
        await _turn.WaitAsync(CancellationToken.None);
        try
        {
            if (_last is null || time.GetElapsedTime(_at) >= KeptFor)
            {
                // Strategies compute, and would keep others from the page's thread.
                _last = await Task.Run(Make);
                _at = time.GetTimestamp();
            }

            return _last;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private PlanState Make()
    {
        if (models.Asked is not { } model || swarm.Current is not { } joined)
        {
            return PlanState.None(models.Asked is null ? "This node was not told to serve a model, so there is nothing to plan." : "This node is in no swarm.");
        }

        try
        {
            return PlanCards.Of(Report(model, joined));
        }
        catch (Exception exception) when (exception is GgufFormatException or EngineException or IOException or UnauthorizedAccessException or StartException)
        {
            return PlanState.None(ShownText.Fit(exception.Message));
        }
    }

    private PlanReport Report(ModelRequest model, ISwarm joined)
    {
        var (shape, context) = ModelShapeFile.Read(model.Path, model.Options);
        var past = PlanHistory.Read(model.Path, setup.Folders.Configuration, model.Head.Wire);
        var memory = Math.Min(model.Options.MemoryLimit, HostMemory.Measure().Free);
        var problem = SwarmProblem.Of(joined, shape, model.Head, memory, context, MeasuredRuns.SpeedsOf(past.Runs, past.ModelHash));
        IReadOnlyList<ISplitStrategy> strategies = model.Head.Strategy is { } own && SplitStrategies.BuiltIn.All(strategy => strategy.Name != own.Name)
            ? [.. SplitStrategies.BuiltIn, own]
            : SplitStrategies.BuiltIn;
        return PlanReport.Make(problem, strategies, model.Options.ParallelSequences, null, past);
    }
}
