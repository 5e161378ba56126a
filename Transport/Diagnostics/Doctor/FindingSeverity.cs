namespace ManagedSwarm.Transport.Diagnostics.Doctor;

public enum FindingSeverity
{
    /// <summary>It need not be changed.</summary>
    Note,

    /// <summary>The swarm works, but not as well as it could.</summary>
    Warning,

    /// <summary>It keeps nodes apart.</summary>
    Error,
}
