namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>A step that is under way through the stages.</summary>
/// <param name="step">Its number.</param>
internal class InFlightStep(long step)
{
    public long Step { get; } = step;

    /// <summary>When it was sent, the last time. Set by <see cref="ChainLife"/>.</summary>
    public TimeSpan Since { get; set; }

    /// <summary>How long it may take from then on. Set by <see cref="ChainLife"/>.</summary>
    public TimeSpan Limit { get; set; }

    /// <summary>Whether some stages may have computed it already.</summary>
    public bool WasSent => Epoch >= 0;

    /// <summary>In which epoch it was sent the last time; -1: not yet. Set by <see cref="ChainLife"/>.</summary>
    public int Epoch { get; set; } = -1;
}
