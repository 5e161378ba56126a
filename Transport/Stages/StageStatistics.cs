using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>What a head has measured of one of its stages: moving averages over the last steps.</summary>
/// <param name="Node">What its worker is called.</param>
/// <param name="Layers">What it has.</param>
/// <param name="MemoryBytes">What it takes, by its worker's word.</param>
/// <param name="PerLayer">What a layer takes for one token, as its worker measured at the load; zero: it did not.</param>
/// <param name="Wait">From a step's arrival until its turn.</param>
/// <param name="Compute">The stage's own work.</param>
/// <param name="Wire">
/// A step's way to the stage: the mean of all hops, that from the last stage back to the head among them. The head's clock knows their sum only; what
/// each of them takes, the way back too, could be told by clocks that agree to less than a hop, which nodes do not have.
/// </param>
/// <param name="Steps">Steps that it has computed.</param>
/// <param name="Bytes">Bytes of hidden states that were sent to it.</param>
public sealed record StageStatistics(
    string Node, LayerRange Layers, long MemoryBytes, TimeSpan PerLayer, TimeSpan Wait, TimeSpan Compute, TimeSpan Wire, long Steps, long Bytes);
