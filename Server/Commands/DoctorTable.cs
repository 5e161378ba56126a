using System.Globalization;
using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Membership;
using Spectre.Console;

namespace ManagedSwarm.Server.Commands;

/// <summary>What a doctor has found, for people.</summary>
internal static class DoctorTable
{
    private static readonly string[] Columns = ["Address", "Named by", "Result", "Node", "Clock", "Connections", "Sees this machine at", "Reaches it"];

    /// <param name="console">Where to.</param>
    /// <param name="report">What was found.</param>
    /// <param name="absence">Why the node on this machine has nothing to say; null: it has.</param>
    public static void Write(IAnsiConsole console, DoctorReport report, string? absence)
    {
        if (absence is not null)
        {
            console.WriteLine($"Seen from this machine alone, without a node: {ShownText.Fit(absence)}.");
        }

        if (report.Probes.Count > 0)
        {
            console.Write(TableOf(report.Probes));
        }

        foreach (var finding in report.Findings)
        {
            console.Write(new Text($"{finding.Severity.ToString().ToLowerInvariant()}: {finding.Code}", StyleOf(finding.Severity)));
            console.WriteLine();
            console.WriteLine($"  what:  {ShownText.Fit(finding.What)}");
            console.WriteLine($"  where: {ShownText.Fit(finding.Where)}");
            console.WriteLine($"  do:    {ShownText.Fit(finding.Advice)}");
        }

        console.WriteLine(report.IsHealthy ? "Nothing was found that keeps nodes apart." : "Something keeps nodes apart.");
    }

    private static Table TableOf(IReadOnlyList<AddressProbe> probes)
    {
        var table = new Table().RoundedBorder();
        foreach (var column in Columns)
        {
            table.AddColumn(new TableColumn(new Text(column)));
        }

        foreach (var probe in probes)
        {
            table.AddRow(CellsOf(probe).Select(text => new Text(ShownText.Fit(text))));
        }

        return table;
    }

    private static IEnumerable<string> CellsOf(AddressProbe probe)
    {
        var report = probe.Report;
        return
        [
            probe.Address.WithoutPeerId().ToString(),
            probe.Source,
            probe.IsWrongPeer ? "another node answers" : probe.Detail ?? "works",
            probe.Answered?.ToString() ?? "",
            report?.Skew is { } skew ? string.Create(CultureInfo.InvariantCulture, $"{skew.TotalSeconds:+0.0;-0.0;0.0} s") : "",
            report is { ConnectionLimit: > 0 } ? $"{report.Connections} of {report.ConnectionLimit}" : "",
            report?.Observed?.WithoutPeerId().ToString() ?? "",
            report is null or { DialBack.Count: 0 } ? "" : report.DialBack.Any(dial => dial.Code is null) ? "yes" : "no",
        ];
    }

    private static Style StyleOf(FindingSeverity severity) => new(severity switch
    {
        FindingSeverity.Error => Color.Red,
        FindingSeverity.Warning => Color.Yellow,
        _ => Color.Default,
    });
}
