namespace ManagedSwarm.Gguf;

/// <summary>What tells that a file is still the one that was read, as far as one can tell without reading it.</summary>
/// <param name="Path">A full one.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When it was written last: ticks of UTC.</param>
public sealed record FileStamp(string Path, long Bytes, long Modified);
