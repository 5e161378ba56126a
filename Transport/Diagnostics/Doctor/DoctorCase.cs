namespace ManagedSwarm.Transport.Diagnostics.Doctor;

/// <summary>What a doctor is to look at.</summary>
public sealed record DoctorCase
{
    /// <summary>What is to be tried; the first ones first.</summary>
    public IReadOnlyList<DoctorAddress> Addresses { get; init; } = [];

    /// <summary>The peer that the user has asked for, as it was typed; null: all of the swarm.</summary>
    public string? Asked { get; init; }

    /// <summary>What the node on this machine says; null: none runs, or it does not answer.</summary>
    public NodeView? Node { get; init; }
}
