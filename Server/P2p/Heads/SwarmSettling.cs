using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>
/// When a swarm that a node has just joined is known well enough to plan with whoever is there: who is known has answered, and nothing new
/// is heard. Pure: no clock of its own.
/// </summary>
internal sealed record SwarmSettling
{
    /// <summary>Without news for so long, nobody else is expected.</summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait, whoever is missing then.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Says how long there is to wait.</summary>
    /// <param name="members">As they are now.</param>
    /// <param name="waited">Since the wait has begun.</param>
    /// <param name="sinceNews">Since somebody has come, gone or answered; no longer than <paramref name="waited"/>.</param>
    /// <returns>Until it is to be asked again; null: not at all.</returns>
    public TimeSpan? TimeLeft(IReadOnlyList<SwarmMember> members, TimeSpan waited, TimeSpan sinceNews)
    {
        var longest = Limit - waited;
        var quiet = Quiet - sinceNews;
        var left = IsMissingSomebody(members) || quiet > longest ? longest : quiet;
        return left > TimeSpan.Zero ? left : null;
    }

    /// <summary>Why it waits, in words.</summary>
    public static string Describe(IReadOnlyList<SwarmMember> members)
    {
        var workers = members.Count(IsLivingWorker);
        string[] silent = [.. members.Where(IsSilent).Select(member => member.Facts.Name)];
        var found = workers == 0 ? "no worker is known yet" : $"{workers} worker{(workers == 1 ? " is" : "s are")} known so far";
        return silent.Length == 0
            ? $"looking for who else is there: {found}"
            : $"looking for who else is there: {found}; no answer yet from {string.Join(", ", silent)}";
    }

    // Who asks for a split expects a worker at least.
    private static bool IsMissingSomebody(IReadOnlyList<SwarmMember> members) => !members.Any(IsLivingWorker) || members.Any(IsSilent);

    private static bool IsLivingWorker(SwarmMember member) =>
        !member.IsSelf && member.State == MemberState.Alive && member.Facts.Roles.Contains(NodeRole.Worker);

    /// <summary>Known by others' word, or by that of an earlier time, and neither heard nor given up.</summary>
    private static bool IsSilent(SwarmMember member) =>
        !member.IsSelf
        && (member.State == MemberState.Suspect || (member.State == MemberState.Alive && !member.IsConnected && member.RoundTrip is null));
}
