using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p;

/// <summary>What this node says about itself, measured when it is asked.</summary>
internal sealed class NodeFactsSource(SwarmSetup setup, ModelSlot models)
{
    private volatile IReadOnlyList<ModelFacts> _models = [];

    private static string Version { get; } = typeof(NodeFactsSource).Assembly.GetName().Version!.ToString(fieldCount: 3);

    /// <summary>The models that it has.</summary>
    public IReadOnlyList<ModelFacts> Models
    {
        get => _models;
        set => _models = value;
    }

    public NodeFacts Measure()
    {
        var machine = setup.Measure();
        var load = models.Current?.Generator.Load ?? default;
        return new()
        {
            Name = setup.Settings.NodeName ?? Environment.MachineName,
            Version = Version,
            Roles = setup.Settings.Roles,
            Device = setup.Settings.Device,
            Cores = machine.Cores,
            TotalMemory = machine.TotalMemory,
            FreeMemory = machine.FreeMemory,
            Models = Models,
            Load = new(load.Active, load.Waiting),
        };
    }
}
