namespace ManagedSwarm.Gguf;

/// <summary>A model's file.</summary>
/// <param name="Name"><see cref="GgufFile.ModelName"/>.</param>
/// <param name="Path">Of a split model, the first.</param>
/// <param name="Bytes">Its size; of a split model, that of all parts that are there.</param>
public sealed record ModelFile(string Name, string Path, long Bytes);
