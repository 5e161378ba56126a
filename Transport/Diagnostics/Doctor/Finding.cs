namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>Something that keeps nodes apart, or may do so.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Code">A stable, machine-readable name, of <see cref="FindingCode"/>.</param>
/// <param name="What">What was seen.</param>
/// <param name="Where">The address or the node that it is about.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record Finding(FindingSeverity Severity, string Code, string What, string Where, string Advice);
