namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// Rendezvous hashing (https://en.wikipedia.org/wiki/Rendezvous_hashing): for each key all routers have the same order of instances, without a
/// word between them, and where one comes or goes only its own keys move.
/// </summary>
internal static class Rendezvous
{
    /// <summary>The candidates, the key's own first.</summary>
    public static IReadOnlyList<Candidate> Order(ulong key, IEnumerable<Candidate> candidates) =>
        [.. candidates.OrderByDescending(candidate => ScoreOf(key, candidate))];

    public static ulong ScoreOf(ulong key, Candidate candidate) => StableHash.Combine(key, candidate.Key);
}
