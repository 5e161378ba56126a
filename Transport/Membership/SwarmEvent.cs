namespace ManagedSwarm.Transport.Membership;

/// <summary>Something about a member is new.</summary>
/// <param name="Kind">What.</param>
/// <param name="Member">As it is now.</param>
/// <param name="At">When, by this node's wall clock: for people, nothing is decided by it.</param>
public sealed record SwarmEvent(SwarmEventKind Kind, SwarmMember Member, DateTimeOffset At);
