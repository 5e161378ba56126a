namespace ManagedSwarm.Server.OpenAi;

/// <summary>What the steps of all requests have taken so far at one stage of a model that is spread over the swarm.</summary>
/// <param name="Node">What its node is called.</param>
/// <param name="Layers">Which it has: <c>0..7</c>.</param>
/// <param name="Steps">How many steps these are.</param>
/// <param name="Compute">The stage's own work.</param>
/// <param name="Wait">From their arrival until their turn.</param>
/// <param name="Wire">On their way to the stage: of each step, the mean of its hops.</param>
/// <param name="Bytes">Of hidden states that were sent to it.</param>
internal sealed record StageWork(string Node, string Layers, long Steps, TimeSpan Compute, TimeSpan Wait, TimeSpan Wire, long Bytes)
{
    /// <summary>What has come since another time.</summary>
    public StageWork Since(StageWork? before) => before is null ? this : this with
    {
        Steps = Steps - before.Steps,
        Compute = Compute - before.Compute,
        Wait = Wait - before.Wait,
        Wire = Wire - before.Wire,
        Bytes = Bytes - before.Bytes,
    };
}
