namespace ManagedSwarm.Server.Commands;

/// <summary>An option's value as it was given.</summary>
/// <param name="Source">Where: <c>--address</c> or <c>MANAGEDSWARM_ADDRESS</c>.</param>
/// <param name="Texts">What, at least one.</param>
internal sealed record OptionText(string Source, IReadOnlyList<string> Texts);
