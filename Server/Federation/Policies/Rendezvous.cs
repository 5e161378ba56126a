namespace ManagedSwarm.Server.Federation.Policies;

/// <summary>
/// Rendezvous hashing (https://en.wikipedia.org/wiki/Rendezvous_hashing): for each key all routers have the same order of instances, without a
/// word between them, and where one comes or goes only its own keys move. Who is twice as fast (<see cref="Candidate.Class"/>) is the first one
/// of twice as many keys.
/// </summary>
internal static class Rendezvous
{
    /// <summary>The candidates, the key's own first.</summary>
    public static IReadOnlyList<Candidate> Order(ulong key, IEnumerable<Candidate> candidates) =>
        [.. candidates.OrderByDescending(candidate => ScoreOf(key, candidate))];

    /// <summary>The key's own candidate where speeds are left out of it: only who comes or goes changes that.</summary>
    public static Candidate FirstOf(ulong key, IEnumerable<Candidate> candidates) =>
        candidates.MaxBy(candidate => StableHash.Combine(key, candidate.Key))!;

    /// <summary>
    /// The time until the first event of a random process with the candidate's rate, negated: the first of several is each one's in proportion
    /// to its rate.
    /// </summary>
    public static double ScoreOf(ulong key, Candidate candidate) =>
        Math.Log(((StableHash.Combine(key, candidate.Key) >> 11) + 0.5) / (1UL << 53)) / candidate.Class;
}
