using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.Serving;

namespace ManagedSwarm.Server.Hosting;

/// <summary>How the API is served.</summary>
internal sealed record ApiServerOptions
{
    public required ListenAddress Address { get; init; }

    /// <summary>How this node is a member of a swarm.</summary>
    public required SwarmSetup Swarm { get; init; }

    /// <summary>How models are served; null: none is.</summary>
    public ModelSetup? Models { get; init; }

    /// <summary>Whether members of the swarm may ask for replies over their streams.</summary>
    public bool IsInstance { get; init; }

    /// <summary>How requests are sent on to instances; null: they are not.</summary>
    public RouterOptions? Router { get; init; }

    /// <summary>What the header <c>Machine-Tag</c> of each answer says; null: there is none.</summary>
    public string? MachineTag { get; init; }

    /// <summary>Whether each answer says which node has made it.</summary>
    public bool ShowsNode { get; init; }

    /// <summary>Keys that open the API; none: it is open.</summary>
    public IReadOnlyList<ApiKey> ApiKeys { get; init; } = [];

    /// <summary>Whether pages are shown to other machines where no keys are set.</summary>
    public bool IsUiPublic { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Warning;

    /// <summary>How long replies that are under way may take to end once the server is asked to stop.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long connections may take to close after that, before they are reset.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
