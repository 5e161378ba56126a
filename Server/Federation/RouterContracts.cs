using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.Federation;

// OpenAI's models, with a member of our own that says who has them.

internal sealed record RoutedModelList(string Object, IReadOnlyList<RoutedModelCard> Data);

internal sealed record RoutedModelCard(
    string Id, string Object, long Created, string OwnedBy, [property: JsonPropertyName("managedswarm")] RoutedModelBody Extension);

/// <param name="Nodes">The instances that have the model.</param>
internal sealed record RoutedModelBody(IReadOnlyList<RoutedNodeBody> Nodes);

internal sealed record RoutedNodeBody(string Id, string Name);
