using ManagedSwarm.Server.Federation.Policies;

namespace ManagedSwarm.Bench.Federation;

/// <summary>What a process of a federation is to be.</summary>
/// <param name="Token">The swarm's.</param>
/// <param name="Known">Where members may be found.</param>
/// <param name="Nodes">The nodes in it.</param>
internal sealed record ProcessPlan(string Token, IReadOnlyList<string> Known, IReadOnlyList<PlannedNode> Nodes);

/// <summary>A node: an instance, or a router where it has a policy.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Speed">An instance's; null: nothing takes any time.</param>
/// <param name="Policy">A router's.</param>
/// <param name="Instances">How many instances a router is to know before it is ready.</param>
internal sealed record PlannedNode(string Name, MockSpeed? Speed, RoutePolicyKind? Policy = null, int Instances = 0);

/// <summary>Where a node is.</summary>
/// <param name="Id">Its peer id.</param>
/// <param name="Address">Of its API.</param>
/// <param name="Known">Of its membership.</param>
internal sealed record StartedNode(string Id, Uri Address, IReadOnlyList<string> Known);
