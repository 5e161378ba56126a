using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.P2p;

/// <summary>What this node says about itself, measured when it is asked.</summary>
internal sealed class NodeFactsSource(SwarmSetup setup, ModelSlot models, TokenRate rate)
{
    private volatile IReadOnlyList<ModelFacts> _models = [];

    private static string Version { get; } = typeof(NodeFactsSource).Assembly.GetName().Version!.ToString(fieldCount: 3);

    /// <summary>The models that it has.</summary>
    public IReadOnlyList<ModelFacts> Models
    {
        get => _models;
        set => _models = value;
    }

    public BackgroundBandwidth Bandwidth { get; } = new(setup.MeasureBandwidth);

    /// <summary>The stages of others that it has; null: it is no worker.</summary>
    public Func<StageHost?> Host { get; set; } = () => null;

    public NodeFacts Measure()
    {
        var host = Host();
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
            FreeMemory = host is null ? machine.FreeMemory : host.IsLeaving ? 0 : Math.Min(machine.FreeMemory, host.MemoryLimit - host.ReservedBytes),
            MemoryBandwidth = Bandwidth.BytesPerSecond,
            Layers = host?.Layers ?? [],
            // Layers on other machines may be computed otherwise.
            Models = models.Stages is { AreKept: true } ? [.. Models.Select(model => model with { Numerics = "" })] : Models,
            Load = new(load.Active, load.Waiting) { TokensPerSecond = rate.TokensPerSecond },
        };
    }
}
