namespace ManagedSwarm.Server.Pages.Models;

/// <summary>A node that has a model, or layers of it.</summary>
/// <param name="Id">The node's.</param>
/// <param name="Name">What it is called.</param>
/// <param name="IsSelf">Whether it is this node.</param>
/// <param name="State">alive, suspect, lost or left.</param>
/// <param name="First">Its first layer; null: it serves the model.</param>
/// <param name="End">The layer behind its last one; null: it serves the model.</param>
public sealed record ModelPlace(string Id, string Name, bool IsSelf, string State, int? First = null, int? End = null)
{
    /// <summary>Such as <c>0..7</c>, both ends included; null: it serves the model.</summary>
    public string? Layers => First is { } first && End is { } end ? FormattableString.Invariant($"{first}..{end - 1}") : null;
}
