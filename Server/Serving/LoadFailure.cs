namespace ManagedSwarm.Server.Serving;

/// <summary>That a model could not be loaded.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Reason">Why; it may name files.</param>
internal sealed record LoadFailure(string Model, string Reason);
