namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>What the one has that has least; see <see cref="Candidate.ToDo"/> and <see cref="Candidate.Busyness"/>.</summary>
internal readonly record struct LoadFloor(double ToDo, double Busyness)
{
    /// <param name="candidates">At least one.</param>
    public static LoadFloor Of(IEnumerable<Candidate> candidates) => candidates
        .Select(candidate => new LoadFloor(candidate.ToDo, candidate.Busyness))
        .Aggregate((one, other) => new(Math.Min(one.ToDo, other.ToDo), Math.Min(one.Busyness, other.Busyness)));
}
