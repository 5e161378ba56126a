using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Server.Commands;

/// <summary>What runs of a model on this machine have measured.</summary>
/// <param name="ModelHash">Which model; null: it never ran here over a swarm, so that its hash is not known.</param>
/// <param name="Wire">What hidden states are to be sent as.</param>
/// <param name="Runs">Of all models, the newest first.</param>
internal sealed record PlanHistory(string? ModelHash, string Wire, IReadOnlyList<MeasuredRun> Runs)
{
    /// <summary>Reads what is remembered; of the model, no weights are read.</summary>
    /// <param name="modelPath">Its file.</param>
    /// <param name="folder">Where such things are remembered.</param>
    /// <param name="wire">What hidden states are to be sent as.</param>
    public static PlanHistory Read(string modelPath, string folder, WireType wire)
    {
        var runs = MeasuredRuns.Read(NodeFolders.MeasuredIn(folder));
        return new(runs.Count == 0 ? null : HashOf(modelPath, folder), SplitView.NameOf(wire), runs);
    }

    /// <summary>The nodes with the times of layers that were measured on them, where nobody says otherwise.</summary>
    public PlanNodes Complete(PlanNodes nodes) =>
        nodes with { Nodes = [.. SwarmProblem.WithSpeeds(nodes.Nodes, MeasuredRuns.SpeedsOf(Runs, ModelHash))] };

    /// <summary>A plan beside its last run; null: it has not run.</summary>
    public PlanComparison? Compare(SplitProblem problem, SplitPlan plan)
    {
        if (ModelHash is null || Runs.FirstOrDefault(run => run.IsOf(ModelHash, Wire, plan)) is not { } run)
        {
            return null;
        }

        // A prompt of another length takes another time.
        var asRun = run.MsToFirstToken is null
            ? plan.Prediction
            : SplitPlan.Create(
                problem with { PromptTokens = run.PromptTokens },
                plan.Stages.Select(stage => new NodeRange(stage.NodeId, stage.Layers))).Prediction;
        return new(
            new(plan.Prediction.MsPerToken, run.MsPerToken),
            run.MsToFirstToken is { } first ? new(asRun.MsToFirstToken, first) : null,
            run.PromptTokens,
            run.At);
    }

    private static string? HashOf(string modelPath, string folder)
    {
        try
        {
            using var file = GgufFile.Open(modelPath);
            return new ModelIdentityCache(NodeFolders.IdentitiesIn(folder)).Find(file)?.Hash;
        }
        catch (Exception exception) when (exception is GgufFormatException or EngineException or IOException or UnauthorizedAccessException)
        {
            // It was read a moment ago; then there is nothing to compare with.
            return null;
        }
    }
}
