namespace ManagedSwarm.Transport.Membership.Messages;

/// <summary>The first value of each message. Of others, from a later version, nothing is known but that they may be passed over.</summary>
internal enum MemberMessageKind
{
    Hello = 0,
    Probe = 1,
    Answer = 2,
    ProbeRequest = 3,
    ProbeReport = 4,
    Suspect = 5,
    Summary = 6,
    Digest = 7,
    Records = 8,
    Want = 9,
    Keep = 10,
}
