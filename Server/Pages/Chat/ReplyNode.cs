namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A node that took part in a reply.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Layers">Which it has, such as <c>0..7</c>; null: all.</param>
/// <param name="ComputeMs">Milliseconds of its own work, of all steps; null: not told.</param>
/// <param name="WaitMs">From their arrival until their turn.</param>
/// <param name="WireMs">On their way to it.</param>
public sealed record ReplyNode(string Name, string? Layers = null, double? ComputeMs = null, double? WaitMs = null, double? WireMs = null);
