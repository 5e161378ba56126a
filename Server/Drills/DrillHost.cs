namespace ManagedSwarm.Server.Drills;

/// <summary>What all parts of a drill share.</summary>
/// <param name="Folder">For homes and caches of nodes.</param>
/// <param name="Limits">How long they wait.</param>
/// <param name="Time">The clock.</param>
/// <param name="Say">Hears how far the drill is.</param>
internal sealed record DrillHost(string Folder, DrillLimits Limits, TimeProvider Time, Action<string> Say);
