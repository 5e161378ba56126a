using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages.Lives;

namespace ManagedSwarm.Transport.Stages.Chains;

/// <summary>Whether all that compute a model do so alike, to the last bit.</summary>
internal static class NumericComparison
{
    /// <returns>One line for each stage that differs from the head, or, where that computes nothing, from the first stage.</returns>
    public static IReadOnlyList<string> Warnings(ChainPlan plan, IReadOnlyList<ChainStage> stages)
    {
        var (reference, who) = plan.Numerics is { } own ? (own, "the head") : (stages[0].Ready?.Numerics, stages[0].Node);
        var warnings = new List<string>();
        foreach (var stage in stages)
        {
            if (reference is not null && stage.Ready?.Numerics is { } found && found != reference)
            {
                warnings.Add(
                    $"bit-exactness is not promised: {stage.Node} (layers {stage.Layers}) computes with {Text(found)}, {who} with {Text(reference)}");
            }
        }

        return warnings;
    }

    private static string Text(NumericIdentity numerics) =>
        $"{numerics.Device}, kernels {numerics.KernelContract}, KV {numerics.KvType}, wire {numerics.WireType}";
}
