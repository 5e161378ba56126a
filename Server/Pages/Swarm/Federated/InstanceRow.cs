namespace ManagedSwarm.Server.Pages.Swarm.Federated;

/// <summary>A machine that answers whole requests. Counts are this router's own; null: this node is none.</summary>
/// <param name="State">alive, suspect, lost or left.</param>
/// <param name="InFlight">Requests that it has: of this router, or, as it says, of all.</param>
/// <param name="Queued">Requests that wait there, as it says.</param>
/// <param name="IsPaused">Whether this router sends it nothing for a while, as it has failed.</param>
/// <param name="Answered">Requests of this router that it has answered.</param>
/// <param name="Failed">Requests of this router that it has failed.</param>
public sealed record InstanceRow(
    string Id,
    string Name,
    string State,
    EqualList<string> Models,
    int InFlight,
    int Queued,
    int? TokensPerSecond,
    bool? IsPaused,
    long? Answered,
    long? Failed);
