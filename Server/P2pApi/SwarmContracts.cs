using System.Text.Json.Serialization;

namespace ManagedSwarm.Server.P2pApi;

// Our own answers. Names become snake_case; times are seconds.

/// <param name="Enabled">Whether this node is in a swarm.</param>
/// <param name="Network">Its name in protocol ids: 16 hex digits; no secret.</param>
/// <param name="NetworkId">The part of the swarm.</param>
/// <param name="Self">This node's id.</param>
/// <param name="Addresses">Where others are told to reach this node.</param>
/// <param name="Members">This node first.</param>
/// <param name="Split">The model of this node that is spread over the swarm; null: there is none.</param>
internal sealed record SwarmBody(
    bool Enabled,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Network,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NetworkId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Self,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<MemberBody> Members,
    SplitBody? Split = null);

/// <summary>How a model is spread, and how fast that is.</summary>
/// <param name="Wire">What hidden states are sent as: f32, f16, q8.</param>
/// <param name="Stages">In the order of their layers.</param>
/// <param name="PredictedSecondsPerToken">Of one reply alone, as the plan had it.</param>
/// <param name="SecondsPerToken">As measured last; null: not yet.</param>
/// <param name="PromptTokens">Of the prompt that the next one is about.</param>
/// <param name="SecondsToFirstToken">As measured last; null: not yet.</param>
/// <param name="Spares">Members that keep the weights of what workers have.</param>
internal sealed record SplitBody(
    string Wire,
    IReadOnlyList<SplitStageBody> Stages,
    double PredictedSecondsPerToken,
    double? SecondsPerToken,
    int? PromptTokens,
    double? SecondsToFirstToken,
    IReadOnlyList<SpareBody>? Spares = null);

/// <summary>A member that keeps the weights of a model's layers for the day on which a worker is lost.</summary>
/// <param name="Ready">Whether it has them all.</param>
internal sealed record SpareBody(string Id, string Name, bool Ready);

/// <param name="End">The layer behind the last one.</param>
/// <param name="SecondsPerLayer">For one token, as its node has measured; null: it has not.</param>
internal sealed record SplitStageBody(string Id, string Name, int First, int End, double? SecondsPerLayer);

/// <param name="State">alive, suspect, lost or left.</param>
/// <param name="RemoteAddress">Where the session with it goes to.</param>
/// <param name="LastSeen">By this node's clock.</param>
/// <param name="MemoryBandwidth">Bytes per second; null: not known.</param>
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
    IReadOnlyList<string> Addresses,
    long? MemoryBandwidth = null);

/// <param name="Hash">Empty: not computed yet.</param>
internal sealed record ModelBody(string Id, string Hash, long Bytes);

/// <param name="End">The layer behind the last one.</param>
internal sealed record LayersBody(string ModelHash, int First, int End);

/// <param name="TokensPerSecond">Of all replies together while it is busy; null: it has not measured any.</param>
internal sealed record LoadBody(int InFlight, int Queued, int? TokensPerSecond = null);

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

/// <param name="Model">Which.</param>
/// <param name="Stages">Stages of others' models that this node has freed.</param>
/// <param name="Served">Whether this node served it: its memory is free now, here and on its workers.</param>
internal sealed record UnloadedBody(string Model, int Stages, bool Served);

/// <param name="P2pToken">A secret; empty: P2P is off.</param>
/// <param name="P2pNetworkId">The part of the swarm; empty: none.</param>
/// <param name="Federated">Whether this node serves whole requests that a router sends.</param>
internal sealed record SettingsBody(string P2pToken, string P2pNetworkId, bool Federated);

/// <param name="Success">True; else there is an error body.</param>
/// <param name="Message">What has come of it.</param>
internal sealed record SettingsAnswer(bool Success, string Message, string P2pToken, string P2pNetworkId, bool Federated);

internal sealed record WellKnownBody(
    string Name, string Version, IReadOnlyDictionary<string, string> Endpoints, IReadOnlyDictionary<string, bool> Capabilities);
