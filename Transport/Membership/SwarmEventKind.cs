namespace ManagedSwarm.Transport.Membership;

public enum SwarmEventKind
{
    /// <summary>It was not known before, or had left.</summary>
    Joined,

    /// <summary>It says something else about itself.</summary>
    Updated,

    Suspected,

    /// <summary>It was suspected, and answers.</summary>
    Cleared,

    Lost,

    /// <summary>It was lost, and answers.</summary>
    Returned,

    Left,

    /// <summary>It has been lost or gone for so long that it is not listed any more.</summary>
    Forgotten,
}
