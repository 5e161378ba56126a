namespace ManagedSwarm.Transport.Membership.Liveness;

/// <summary>
/// What is being done to find out whether a node without a session lives: it is dialed, and when that fails, others are asked.
/// </summary>
/// <param name="begun">When it was dialed.</param>
/// <param name="nonce">Of the probes that others are asked for.</param>
/// <param name="isHint">Whether others' word is its cause: then the node is told when it answers.</param>
internal sealed class Inquiry(TimeSpan begun, uint nonce, bool isHint)
{
    public TimeSpan Begun { get; } = begun;

    public uint Nonce { get; } = nonce;

    public bool IsHint { get; } = isHint;

    /// <summary>When the dial failed; null: it has not yet.</summary>
    public TimeSpan? Failed { get; set; }

    /// <summary>Others that have not reported yet.</summary>
    public int Awaited { get; set; }
}
