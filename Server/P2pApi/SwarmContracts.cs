using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.P2pApi;

// Our own answers. Names become snake_case; times are seconds.

/// <param name="Enabled">Whether this node is in a swarm.</param>
/// <param name="Network">Its name in protocol ids: 16 hex digits; no secret.</param>
/// <param name="NetworkId">The part of the swarm.</param>
/// <param name="Self">This node's id.</param>
/// <param name="Addresses">Where others are told to reach this node.</param>
/// <param name="Members">This node first.</param>
internal sealed record SwarmBody(
    bool Enabled,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Network,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NetworkId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Self,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<MemberBody> Members);

/// <param name="State">alive, suspect, lost or left.</param>
/// <param name="RemoteAddress">Where the session with it goes to.</param>
/// <param name="LastSeen">By this node's clock.</param>
internal sealed record MemberBody(
    string Id,
    string Name,
    string State,
    bool IsSelf,
    bool IsConnected,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? RemoteAddress,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? RoundTripSeconds,
    double SecondsSinceSeen,
    DateTime LastSeen,
    ulong Sequence,
    string Version,
    IReadOnlyList<string> Roles,
    string Device,
    int Cores,
    long TotalMemory,
    long FreeMemory,
    IReadOnlyList<ModelBody> Models,
    IReadOnlyList<LayersBody> Layers,
    LoadBody Load,
    IReadOnlyList<string> Addresses);

/// <param name="Hash">Empty: not computed yet.</param>
internal sealed record ModelBody(string Id, string Hash, long Bytes);

/// <param name="End">The layer behind the last one.</param>
internal sealed record LayersBody(string ModelHash, int First, int End);

internal sealed record LoadBody(int InFlight, int Queued);

/// <param name="Kind">joined, updated, suspected, cleared, lost, returned, left or forgotten.</param>
internal sealed record EventBody(string Kind, DateTime At, MemberBody Member);

/// <param name="Source">Who had named the address: mdns, dht, registry, bootstrap, cache.</param>
/// <param name="Code">Null: it worked.</param>
/// <param name="Reason">Null: it worked.</param>
internal sealed record TrialBody(
    string Address,
    string Source,
    DateTime At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Reason);

internal sealed record TrialList(IReadOnlyList<TrialBody> Trials);

/// <param name="Peer">Who has left.</param>
/// <param name="State">What it is now.</param>
internal sealed record DrainBody(string Peer, string State);

/// <param name="Model">Which is to be freed.</param>
internal sealed record UnloadBody(string Model);

/// <param name="P2pToken">A secret; empty: P2P is off.</param>
/// <param name="P2pNetworkId">The part of the swarm; empty: none.</param>
/// <param name="Federated">Whether this node serves whole requests that a router sends.</param>
internal sealed record SettingsBody(string P2pToken, string P2pNetworkId, bool Federated);

/// <param name="Success">True; else there is an error body.</param>
/// <param name="Message">What has come of it.</param>
internal sealed record SettingsAnswer(bool Success, string Message, string P2pToken, string P2pNetworkId, bool Federated);

internal sealed record WellKnownBody(
    string Name, string Version, IReadOnlyDictionary<string, string> Endpoints, IReadOnlyDictionary<string, bool> Capabilities);
