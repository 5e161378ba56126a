using ManagedSwarm.Server.P2p;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>The names that members give themselves.</summary>
internal sealed class SwarmNodeNames(SwarmService swarm) : INodeNames
{
    public string Of(string? id) => id is null
        ? swarm.Current?.Members.FirstOrDefault(member => member.IsSelf)?.Facts.Name ?? "this node"
        : swarm.Current?.Members.FirstOrDefault(member => member.Id.ToString() == id)?.Facts.Name ?? id;
}
