using ManagedSwarm.Transport.Stages.Control;

namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>What a <see cref="ChainLife"/> does. Called within its calls; must not wait, and not call it.</summary>
internal interface IChainOutput
{
    /// <summary>Sends to a stage's worker, in order; may be lost with the stream.</summary>
    void Send(ChainStage stage, ControlMessage message);

    /// <summary>Another epoch begins: the head's own streams of the one before are over.</summary>
    void Unlink();

    /// <summary>Tells a stage its place in the chain, and that it begins anew where it is to be told all, or whom it takes from.</summary>
    void Prepare(ChainStage stage);

    /// <summary>
    /// Tells a stage that no step comes any more in this epoch, and who may read its keys and values; answered by
    /// <see cref="ControlMessage.Giving"/>.
    /// </summary>
    void Give(ChainStage stage, IReadOnlyList<ChainStage> takers);

    /// <summary>Opens the stream to the first stage; answered by <see cref="ChainLife.FirstOpened"/> or <see cref="ChainLife.StreamLost"/>.</summary>
    void OpenFirst();

    /// <summary>Asks a worker, by another way, if it lives; answered by <see cref="ChainLife.Probed"/>.</summary>
    void Probe(ChainStage stage);

    /// <summary>A stage has no part in the chain any more: its control stream is over.</summary>
    void Gone(ChainStage stage);

    /// <summary>Looks for others that take a lost stage's layers; answered by <see cref="ChainLife.Fill"/>.</summary>
    void Seek(ChainStage stage, StageFault reason);

    /// <summary>A stage's worker is about to leave: others are to take its layers over.</summary>
    void Leaving(ChainStage stage);

    /// <summary>Stages that were to take layers over have taken their places.</summary>
    void HandedOver();

    /// <summary>Stages that were to take layers over do not: all stays as it is.</summary>
    void HandOverFailed(StageFault reason);

    /// <summary>A stage has another state, or has come further.</summary>
    void Changed(ChainStage stage);

    /// <summary>All streams are open: steps may be sent, those in flight again. Also where steps waited for a hand-over that is not to be.</summary>
    void Started();

    /// <summary>The chain is over: once, and the last of all.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="steps">Those in flight, in order, which are lost with it.</param>
    void Over(SwarmException reason, IReadOnlyList<InFlightStep> steps);
}
