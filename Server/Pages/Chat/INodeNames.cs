namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>What the swarm's nodes are called.</summary>
internal interface INodeNames
{
    /// <param name="id">A node's id; null: this node.</param>
    /// <returns>Its name, or its id where that is not known.</returns>
    string Of(string? id);
}
