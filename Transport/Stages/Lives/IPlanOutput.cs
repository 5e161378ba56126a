using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>What a <see cref="PlanLife"/> does. Called within its calls; must not wait, and not call it.</summary>
internal interface IPlanOutput
{
    /// <summary>Sends to the head, in order; may be lost with the stream.</summary>
    void Send(ControlMessage message);

    /// <summary>Begins to load; answered by <see cref="PlanLife.Loaded"/> or <see cref="PlanLife.LoadFailed"/>, unless the plan ends before.</summary>
    void Load();

    /// <summary>
    /// Finishes the step that is computed, ends the streams of the epoch before, takes what it is to take from others, and then the new place;
    /// answered by <see cref="PlanLife.Prepared"/>.
    /// </summary>
    void Prepare(StageLinks links);

    /// <summary>
    /// Finishes the step that is computed, ends the streams, and lets these read keys and values; answered by <see cref="PlanLife.Given"/>.
    /// </summary>
    void Give(int epoch, IReadOnlyList<PeerId> takers);

    /// <summary>Opens the stream to the next stage; answered by <see cref="PlanLife.NextOpened"/> or <see cref="PlanLife.StreamLost"/>.</summary>
    void OpenNext(StageLinks links);

    /// <summary>A step is not wanted any more.</summary>
    void CancelStep(long step);

    /// <summary>Frees all that the plan has: once, and the last of all.</summary>
    /// <param name="reason">Why it is over.</param>
    void Free(StageFault reason);

    /// <summary>Another state, or further.</summary>
    void Changed();
}
