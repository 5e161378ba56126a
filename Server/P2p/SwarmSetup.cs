namespace ManagedSwarm.Server.P2p;

/// <summary>All that a node needs to be a member of a swarm.</summary>
internal sealed record SwarmSetup
{
    public required StartSwarm Start { get; init; }

    public required NodeFolders Folders { get; init; }

    public SwarmSettings Settings { get; init; } = new();

    /// <summary>Measures the machine; called often.</summary>
    public Func<MachineFacts> Measure { get; init; } = MachineFacts.Measure;
}
