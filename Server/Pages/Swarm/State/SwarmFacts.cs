using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>What this node knows at one moment, out of which the page is made.</summary>
internal sealed record SwarmFacts
{
    /// <summary>As <c>/api/swarm</c> shows it.</summary>
    public required SwarmBody Swarm { get; init; }

    /// <summary>The id of the model that this node serves; null: none.</summary>
    public string? Model { get; init; }

    /// <summary>How far a model is that is spread over the swarm; null: it is not.</summary>
    public HeadStatus? Status { get; init; }

    /// <summary>How far the load of a model into this node's memory is; null: there is none.</summary>
    public StageProgress? Loading { get; init; }

    /// <summary>What its stages have done lately.</summary>
    public IReadOnlyList<StageWork> Work { get; init; } = [];

    /// <summary>Stages of others that this node has.</summary>
    public IReadOnlyList<HeldStage> Held { get; init; } = [];

    public IReadOnlyList<JournalLine> Journal { get; init; } = [];
}
