using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Serving;

namespace ManagedSwarm.Server.Pages.Models;

/// <summary>What is loaded, at one moment.</summary>
/// <param name="ServesModels">Whether this node is there to serve one.</param>
/// <param name="Own">The model that it serves; null: none.</param>
/// <param name="WhyNotReady">Why it does not answer; null: it does, or is not there for that.</param>
/// <param name="Loading">The model that is being loaded; null: none is.</param>
/// <param name="Progress">How far that is, 0 to 1; null: it cannot be told.</param>
/// <param name="Failure">What has gone wrong with the model that was to be loaded last; null: nothing.</param>
/// <param name="Files">What can be loaded.</param>
/// <param name="IsMember">Whether this node is in a swarm.</param>
/// <param name="Swarm">The swarm's models.</param>
/// <param name="Held">What this node has of others' models.</param>
internal sealed record ModelsSnapshot(
    bool ServesModels,
    OwnModel? Own,
    string? WhyNotReady,
    string? Loading,
    double? Progress,
    LoadFailure? Failure,
    IReadOnlyList<(ModelFile File, ModelState State)> Files,
    bool IsMember,
    IReadOnlyList<SwarmModel> Swarm,
    IReadOnlyList<HeldPart> Held);
