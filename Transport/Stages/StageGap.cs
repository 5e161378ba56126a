using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>Layers of a chain that are nobody's.</summary>
/// <param name="Layers">Which ones.</param>
/// <param name="Last">Who had them.</param>
/// <param name="Others">Who has the other layers of the chain.</param>
/// <param name="Reason">Why they were lost.</param>
/// <param name="IsLeaving">Whether the one who has them goes on until others have them, but shall not have them again.</param>
public sealed record StageGap(
    LayerRange Layers, StageAssignment Last, IReadOnlyList<StageAssignment> Others, string Reason, bool IsLeaving = false)
{
    /// <summary>Others of the chain that were lost, too, or are being asked whether they live: who asks them for more waits in vain.</summary>
    public IReadOnlyList<StageAssignment> InDoubt { get; init; } = [];
}
