namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>A model that can be asked.</summary>
/// <param name="Id">Its id in the API.</param>
/// <param name="Nodes">The instances that have it, by their ids; none: this node itself.</param>
internal sealed record ChatModel(string Id, IReadOnlyDictionary<string, string> Nodes);
