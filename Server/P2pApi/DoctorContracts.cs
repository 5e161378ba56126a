namespace ManagedSwarm.Server.P2pApi;

/// <param name="Healthy">Nothing was found that keeps nodes apart.</param>
/// <param name="Node">The id of the node on this machine; absent: none was asked.</param>
/// <param name="Asked">The peer that was asked for; absent: all.</param>
internal sealed record DoctorBody(
    bool Healthy, string? Node, string? Asked, IReadOnlyList<ProbeBody> Addresses, IReadOnlyList<FindingBody> Findings);

/// <param name="Outcome">connected, refused, timed_out, another_token, …</param>
/// <param name="Answered">Who has; absent: no member.</param>
internal sealed record ProbeBody(string Address, string Source, string Outcome, string? Answered, string? Detail, PeerReportBody? Peer);

/// <param name="ClockSkewSeconds">How far its clock is before this machine's.</param>
/// <param name="Observed">Where it sees this machine.</param>
internal sealed record PeerReportBody(
    string? AgentVersion,
    string? ProtocolVersion,
    bool AnswersDoctor,
    double? ClockSkewSeconds,
    double? RoundTripSeconds,
    int Connections,
    int ConnectionLimit,
    string? Observed,
    IReadOnlyList<DialBackBody> DialBack);

/// <param name="Code">Absent: it worked.</param>
internal sealed record DialBackBody(string Address, string? Code, string? Reason);

/// <param name="Severity">error, warning or note.</param>
internal sealed record FindingBody(string Severity, string Code, string What, string Where, string Advice);
