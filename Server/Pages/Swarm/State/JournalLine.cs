namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>Something that has happened.</summary>
/// <param name="Number">Each is larger than those before.</param>
/// <param name="At">When, by this node's wall clock.</param>
/// <param name="Kind">good, bad, warn or plain.</param>
/// <param name="Text">What.</param>
public sealed record JournalLine(long Number, DateTimeOffset At, string Kind, string Text);
