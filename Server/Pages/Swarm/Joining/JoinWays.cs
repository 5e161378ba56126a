using ManagedSwarm.Server.Commands;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Pages.Swarm.Joining;

/// <summary>Makes a command that joins a swarm.</summary>
internal delegate JoinCommand CreateJoinCommand(SwarmToken token, string? networkId, IReadOnlyList<string>? program);

/// <summary>A way for another node to be a member.</summary>
/// <param name="Name">Short.</param>
/// <param name="Title">For people.</param>
/// <param name="Purpose">What it is good for.</param>
/// <param name="Create">Makes its command.</param>
internal sealed record JoinWay(string Name, string Title, string Purpose, CreateJoinCommand Create);

/// <summary>The ways that there are.</summary>
internal static class JoinWays
{
    public static readonly IReadOnlyList<JoinWay> All =
    [
        new(
            "worker",
            "A worker",
            "lends its memory: layers of models that are too large for one machine are placed on it. It needs no model file.",
            JoinCommands.Worker),
        new(
            "instance",
            "An instance",
            "holds a whole model of its own, and answers requests that a router sends it. Name a GGUF file behind 'run', or it serves the small model that ships.",
            JoinCommands.Instance),
        new(
            "router",
            "A router",
            "has no model: it is one address for all instances, and sends each request to the one that is best for it.",
            JoinCommands.Router),
    ];
}
