namespace ManagedSwarm.Server.Pages.Models;

/// <summary>A model that members of the swarm have.</summary>
/// <param name="Id">What it is called; null: only its hash is known here.</param>
/// <param name="Hash">Empty: not computed yet.</param>
/// <param name="Bytes">Of its file; null: not known.</param>
/// <param name="Serving">Who answers requests with it.</param>
/// <param name="Parts">Who has layers of it, in the order of the layers.</param>
internal sealed record SwarmModel(string? Id, string Hash, long? Bytes, IReadOnlyList<ModelPlace> Serving, IReadOnlyList<ModelPlace> Parts)
{
    /// <summary>Layers that somebody has: 0 up to this one, where there is no gap.</summary>
    public int End => Parts.Select(part => part.End ?? 0).DefaultIfEmpty().Max();
}
