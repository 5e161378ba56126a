using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages.Lives.Simulations;

/// <summary>Somebody who takes a stream of frames.</summary>
internal interface ISimulatedEnd
{
    /// <summary>Who opens the stream wants to send.</summary>
    StageFault? TryAttach(int epoch, SimulatedStream link);

    /// <summary>A frame has come, with its prefix.</summary>
    void Take(byte[] frame, int epoch);

    /// <summary>The stream from the one before is lost.</summary>
    void LosePrevious(int epoch, StageFault reason);
}
