namespace ManagedSwarm.Engine.Stages;

/// <summary>Where a stage's keys and values of a sequence are.</summary>
/// <param name="Id">The sequence's id.</param>
/// <param name="Length">Its tokens.</param>
/// <param name="Blocks">The numbers of its blocks, in the order of its tokens; sequences that were forked share some.</param>
public sealed record CachedSequence(long Id, int Length, IReadOnlyList<int> Blocks);
