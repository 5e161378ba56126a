namespace ManagedSwarm.Transport.Weights;

/// <summary>How far the weights of a stage have come.</summary>
/// <param name="BytesDone">Bytes that are here and verified.</param>
/// <param name="BytesTotal">Bytes that are needed.</param>
/// <param name="BytesPerSecond">Of what is being received, over the last seconds; 0: nothing is, or not yet.</param>
/// <param name="SecondsLeft">At this rate; null: it cannot be told.</param>
public readonly record struct WeightProgress(long BytesDone, long BytesTotal, double BytesPerSecond, double? SecondsLeft);
