using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Diagnostics;

/// <summary>What steps have taken at one stage of a head's plans, all together.</summary>
/// <param name="Layers">The stage's.</param>
/// <param name="Steps">How many it has computed.</param>
/// <param name="Wait">From their arrival until their turn.</param>
/// <param name="Compute">The stage's own work.</param>
/// <param name="Wire">On their way to it: of each step, the mean of its hops, the one back to the head among them.</param>
/// <param name="Bytes">Of hidden states that were sent to it.</param>
public sealed record StageTotals(LayerRange Layers, long Steps, TimeSpan Wait, TimeSpan Compute, TimeSpan Wire, long Bytes);
