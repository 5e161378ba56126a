using System.Text.Json;
using ManagedSwarm.Transport.Diagnostics.Doctor;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>A doctor's report as JSON shows it.</summary>
internal static class DoctorView
{
    public static DoctorBody Of(DoctorReport report, DoctorCase examined) => new(
        report.IsHealthy,
        examined.Node?.Self.ToString(),
        examined.Asked,
        [.. report.Probes.Select(Of)],
        [.. report.Findings.Select(finding => new FindingBody(NameOf(finding.Severity), finding.Code, finding.What, finding.Where, finding.Advice))]);

    private static ProbeBody Of(AddressProbe probe) => new(
        probe.Address.ToString(),
        probe.Source,
        NameOf(probe.Outcome),
        probe.Answered?.ToString(),
        probe.Detail,
        probe.Report is { } report ? Of(report) : null);

    private static PeerReportBody Of(PeerReport report) => new(
        report.AgentVersion,
        report.ProtocolVersion,
        report.AnswersDoctor,
        report.Skew?.TotalSeconds,
        report.RoundTrip?.TotalSeconds,
        report.Connections,
        report.ConnectionLimit,
        report.Observed?.ToString(),
        [.. report.DialBack.Select(dial => new DialBackBody(dial.Address.ToString(), dial.Code, dial.Reason))]);

    private static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
