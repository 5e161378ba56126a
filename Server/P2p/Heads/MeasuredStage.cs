namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>A stage of a run that was measured.</summary>
/// <param name="NodeId">Who had it.</param>
/// <param name="First">Its first layer.</param>
/// <param name="End">The layer behind its last one.</param>
/// <param name="MsPerLayer">What a layer took for one token; null: nobody has measured it.</param>
internal sealed record MeasuredStage(string NodeId, int First, int End, double? MsPerLayer);
