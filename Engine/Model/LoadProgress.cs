namespace ManagedSwarm.Engine.Model;

/// <summary>How far a model's load has come.</summary>
/// <param name="BytesDone">Bytes of weights that are ready.</param>
/// <param name="BytesTotal">Bytes of weights in all.</param>
public readonly record struct LoadProgress(long BytesDone, long BytesTotal);
