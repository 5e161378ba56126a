using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.P2pApi;

// The shapes of LocalAI's answers, as its program sends them (its documents differ in places).

/// <summary>A node as <c>/api/p2p</c> names it.</summary>
internal sealed record LedgerNode(
    [property: JsonPropertyName("Name")] string Name,
    [property: JsonPropertyName("ID")] string Id,
    [property: JsonPropertyName("TunnelAddress")] string TunnelAddress,
    [property: JsonPropertyName("ServiceID")] string ServiceId,
    [property: JsonPropertyName("LastSeen")] DateTime LastSeen);

internal sealed record LedgerNodes(
    [property: JsonPropertyName("llama_cpp_nodes")] IReadOnlyList<LedgerNode> Workers,
    [property: JsonPropertyName("federated_nodes")] IReadOnlyList<LedgerNode> Instances,
    [property: JsonPropertyName("mlx_nodes")] IReadOnlyList<LedgerNode> Mlx);

/// <summary>A node as the other answers name it.</summary>
internal sealed record ListedNode(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("tunnelAddress")] string TunnelAddress,
    [property: JsonPropertyName("serviceID")] string ServiceId,
    [property: JsonPropertyName("lastSeen")] DateTime LastSeen,
    [property: JsonPropertyName("isOnline")] bool IsOnline);

internal sealed record NodeList([property: JsonPropertyName("nodes")] IReadOnlyList<ListedNode> Nodes);

/// <param name="LlamaCpp">The workers.</param>
/// <param name="Mlx">None: there is no such worker.</param>
/// <param name="Nodes">The workers once more.</param>
internal sealed record WorkerList(
    [property: JsonPropertyName("llama_cpp")] NodeList LlamaCpp,
    [property: JsonPropertyName("mlx")] NodeList Mlx,
    [property: JsonPropertyName("nodes")] IReadOnlyList<ListedNode> Nodes);

internal sealed record NodeCount([property: JsonPropertyName("online")] int Online, [property: JsonPropertyName("total")] int Total);

internal sealed record NodeCounts(
    [property: JsonPropertyName("llama_cpp_workers")] NodeCount Workers,
    [property: JsonPropertyName("federated")] NodeCount Instances,
    [property: JsonPropertyName("mlx_workers")] NodeCount Mlx);
