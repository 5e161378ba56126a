using ManagedSwarm.Server.P2p.Workers;

namespace ManagedSwarm.Server.P2p;

/// <summary>All that a node needs to be a member of a swarm.</summary>
internal sealed record SwarmSetup
{
    public required StartSwarm Start { get; init; }

    public required NodeFolders Folders { get; init; }

    public SwarmSettings Settings { get; init; } = new();

    /// <summary>What it gives to the models of others; null: nothing.</summary>
    public WorkerSettings? Worker { get; init; }

    /// <summary>How long layers that were lost may be nobody's before replies fail; zero: at once.</summary>
    public TimeSpan RecoverTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What of them was saved.</summary>
    public SavedSettings Saved { get; init; } = new();

    /// <summary>
    /// Measures how many bytes per second are read from memory, in tens of milliseconds; 0: it cannot. Null: that is not told to others.
    /// </summary>
    public Func<long>? MeasureBandwidth { get; init; }

    /// <summary>Measures the machine; called often.</summary>
    public Func<MachineFacts> Measure { get; init; } = MachineFacts.Measure;
}
