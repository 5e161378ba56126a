namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>A session with a neighbour, and how its probing goes.</summary>
internal sealed class SessionState
{
    /// <summary>When the first probe was sent that has not been answered; null: nothing is awaited.</summary>
    public TimeSpan? ProbedSince { get; set; }

    /// <summary>When the first probe was sent, while its answer would tell the round-trip time; probes that follow it have its nonce.</summary>
    public TimeSpan? FirstProbe { get; set; }

    public uint Nonce { get; set; }

    /// <summary>How often others have been asked to probe it, since <see cref="ProbedSince"/>.</summary>
    public int Asked { get; set; }
}
