namespace ManagedSwarm.Bench.Members;

/// <summary>A member's state as a node says it.</summary>
/// <param name="Id">The member's peer id.</param>
/// <param name="State">alive, suspect, lost or left.</param>
/// <param name="At">When it was heard, by Stopwatch.</param>
internal readonly record struct MemberNews(string Id, string State, long At);
