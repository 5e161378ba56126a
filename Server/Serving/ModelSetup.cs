using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;

namespace ManagedSwarm.Server.Serving;

/// <summary>All that a node needs to serve models.</summary>
internal sealed record ModelSetup
{
    public required LoadModel Load { get; init; }

    public IdentifyModel Identify { get; init; } = IdentifiedModel.ComputeAsync;

    /// <summary>What may be loaded.</summary>
    public required ModelCatalog Catalog { get; init; }

    /// <summary>Told how far a model is that is spread over the swarm.</summary>
    public Action<HeadStatus> Show { get; init; } = _ => { };

    /// <summary>Told what else users should read of it: a line.</summary>
    public Action<string> Say { get; init; } = _ => { };
}
