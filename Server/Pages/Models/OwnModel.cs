namespace ManagedSwarm.Server.Pages.Models;

/// <summary>The model that this node serves.</summary>
/// <param name="Id">Its id in the API.</param>
/// <param name="Context">Tokens per sequence.</param>
/// <param name="Layers">How many it has; null: not known.</param>
/// <param name="OwnLayers">How many of them are on this node; null: not known.</param>
/// <param name="WeightBytes">Of the layers and the head's matrices on this node, as they are computed with; null: not known.</param>
/// <param name="KvBytes">Keys and values of the layers on this node, with the cache full; null: not known.</param>
/// <param name="Active">Requests that are being answered.</param>
/// <param name="Waiting">Requests that wait for room.</param>
internal sealed record OwnModel(string Id, int Context, int? Layers, int? OwnLayers, long? WeightBytes, long? KvBytes, int Active, int Waiting);
