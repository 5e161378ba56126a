namespace ManagedSwarm.Server.Serving;

/// <summary>The models that this node may load.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">The models.</param>
internal sealed record CatalogBody(string Object, IReadOnlyList<CatalogModelBody> Data);

/// <summary>A model that this node may load.</summary>
/// <param name="Id">Its id in the API.</param>
/// <param name="Bytes">Of its file or files.</param>
/// <param name="State"><c>loaded</c>, <c>loading</c>, <c>failed</c> or <c>unloaded</c>.</param>
/// <param name="Progress">How far its load is, 0 to 1; absent: it cannot be told.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record CatalogModelBody(string Id, long Bytes, string State, double? Progress, string? Error);

/// <summary>What became of a model.</summary>
/// <param name="Model">Its id.</param>
/// <param name="State">See <see cref="CatalogModelBody"/>.</param>
internal sealed record ModelStateBody(string Model, string State);
