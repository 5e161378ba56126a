using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>What a <see cref="StandbyLife"/> does. Called within its calls; must not wait, and not call it.</summary>
internal interface IStandbyOutput
{
    /// <summary>Sends to the worker, in order; may be lost with the stream.</summary>
    void Send(ControlMessage message);

    /// <summary>The worker has the weights.</summary>
    void Ready();

    /// <summary>Frees what there is: once, and the last of all.</summary>
    /// <param name="reason">Why it is over.</param>
    void Over(StageFault reason);
}
