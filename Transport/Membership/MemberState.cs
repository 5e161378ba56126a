namespace ManagedSwarm.Transport.Membership;

/// <summary>What this node thinks of another.</summary>
public enum MemberState
{
    /// <summary>It answers, as far as is known.</summary>
    Alive,

    /// <summary>It has not answered, or others say so; it is being asked.</summary>
    Suspect,

    /// <summary>It does not answer. Its record is kept for a while, as it may return.</summary>
    Lost,

    /// <summary>It has said that it leaves.</summary>
    Left,
}
