namespace ManagedSwarm.ModelsTest;

/// <summary>The <c>rope.scaling.*</c> metadata of a generated model.</summary>
/// <param name="Type">linear or yarn.</param>
/// <param name="Factor">By how much the context was extended.</param>
/// <param name="OriginalContextLength">The context before, in tokens.</param>
public sealed record RopeScalingShape(string Type, float Factor, int OriginalContextLength);
