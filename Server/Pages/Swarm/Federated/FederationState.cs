namespace ManagedSwarm.Server.Pages.Swarm.Federated;

/// <summary>The instances, and how requests are shared out among them.</summary>
/// <param name="Policy">In words; null: this node does not route.</param>
/// <param name="Instances">By name.</param>
public sealed record FederationState(string? Policy, EqualList<InstanceRow> Instances)
{
    public int Alive => Instances.Count(instance => instance.State == "alive");
}
