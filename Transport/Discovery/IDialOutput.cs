using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>What a planner wants done. Called within the planner's own calls; must not call it back.</summary>
internal interface IDialOutput
{
    /// <summary>Dial, and tell the planner how it ended.</summary>
    void Dial(DialAttempt attempt);

    /// <summary>It is not needed any more; its end is to be told all the same.</summary>
    void GiveUp(DialAttempt attempt);

    /// <summary>A request is over.</summary>
    /// <param name="peer">Who was asked for.</param>
    /// <param name="code">Null: there is a session; else why there is none.</param>
    void RequestEnded(PeerId peer, string? code);
}
