namespace ManagedSwarm.Transport.Stages;

/// <summary>How far the load of a stage has come.</summary>
/// <param name="State"><see cref="StageState.Fetching"/> or <see cref="StageState.Loading"/>.</param>
/// <param name="BytesDone">Of the weights.</param>
/// <param name="BytesTotal">0: not known yet.</param>
/// <param name="BytesPerSecond">0: not known yet.</param>
public sealed record StageProgress(StageState State, long BytesDone, long BytesTotal, long BytesPerSecond = 0);
