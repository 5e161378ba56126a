namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What a doctor has seen, and what it makes of it.</summary>
/// <param name="Probes">The addresses that were tried.</param>
/// <param name="Findings">The worst ones first.</param>
public sealed record DoctorReport(IReadOnlyList<AddressProbe> Probes, IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether nothing was found that keeps nodes apart.</summary>
    public bool IsHealthy => Findings.All(finding => finding.Severity < FindingSeverity.Error);
}
