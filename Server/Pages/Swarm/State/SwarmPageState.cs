namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>All that the page of the swarm shows and that changes by itself. Two that are equal look the same.</summary>
public sealed record SwarmPageState
{
    public static readonly SwarmPageState Off = new();

    /// <summary>Whether this node is in a swarm.</summary>
    public bool IsOn { get; init; }

    /// <summary>The swarm's name in protocol ids: no secret.</summary>
    public string Network { get; init; } = "";

    /// <summary>The part of the swarm; null: none.</summary>
    public string? NetworkId { get; init; }

    /// <summary>This node first.</summary>
    public EqualList<NodeCard> Nodes { get; init; } = [];

    public EqualList<PipelineCard> Pipelines { get; init; } = [];

    /// <summary>Loads of this node's own model.</summary>
    public EqualList<LoadCard> Loads { get; init; } = [];

    /// <summary>What has happened, the newest first.</summary>
    public EqualList<JournalLine> Journal { get; init; } = [];

    public int Alive => Nodes.Count(node => node.State == "alive");

    /// <summary>Whether no other node is there.</summary>
    public bool IsAlone => Nodes.All(node => node.IsSelf || node.IsGone);
}
