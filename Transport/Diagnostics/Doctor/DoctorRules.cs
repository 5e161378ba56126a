namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What is to be made of observations: no I/O, no clock.</summary>
internal static class DoctorRules
{
    /// <returns>The worst ones first.</returns>
    public static IReadOnlyList<Finding> Apply(DoctorObservations seen) =>
    [
        .. NodeRules.Apply(seen)
            .Concat(AddressRules.Apply(seen))
            .Concat(PeerRules.Apply(seen))
            .OrderByDescending(finding => finding.Severity),
    ];
}
