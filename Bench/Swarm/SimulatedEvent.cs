namespace ManagedSwarm.Bench.Swarm;

/// <summary>Something that will happen to a node.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">To whom.</param>
/// <param name="Subject">The session, dial or action that it is about.</param>
/// <param name="Message">What comes, where something does.</param>
internal readonly record struct SimulatedEvent(SimulatedEventKind Kind, SimulatedNode? Node, object? Subject, object? Message);
