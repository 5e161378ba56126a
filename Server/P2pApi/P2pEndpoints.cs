using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>LocalAI's <c>/api/p2p</c>, for the programs that ask it; <c>/api/swarm</c> tells more.</summary>
internal sealed class P2pEndpoints(SwarmService swarm, LocalAccess access, TimeProvider time)
{
    public const string TokenPath = "/api/p2p/token";

    /// <summary>All of its paths, by what they show.</summary>
    public static readonly IReadOnlyDictionary<string, string> Paths = new Dictionary<string, string>
    {
        ["p2p_nodes"] = "/api/p2p",
        ["p2p_token"] = TokenPath,
        ["p2p_workers"] = "/api/p2p/workers",
        ["p2p_federation"] = "/api/p2p/federation",
        ["p2p_stats"] = "/api/p2p/stats",
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Paths["p2p_nodes"], http => JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, new LedgerNodes(Ledger(NodeRole.Worker), Ledger(NodeRole.Instance), []), SwarmJson.Wire.LedgerNodes));
        routes.MapGet(Paths["p2p_token"], access.Guard(ShowTokenAsync));
        routes.MapGet(Paths["p2p_workers"], http => JsonAnswer.WriteAsync(http, StatusCodes.Status200OK, Workers(), SwarmJson.Wire.WorkerList));
        routes.MapGet(Paths["p2p_federation"], http => JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, new NodeList(List(NodeRole.Instance)), SwarmJson.Wire.NodeList));
        routes.MapGet(Paths["p2p_stats"], http => JsonAnswer.WriteAsync(
            http, StatusCodes.Status200OK, new NodeCounts(Count(NodeRole.Worker), Count(NodeRole.Instance), new(0, 0)), SwarmJson.Wire.NodeCounts));
    }

    // Empty where P2P is off, as LocalAI's.
    private Task ShowTokenAsync(HttpContext http)
    {
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(swarm.Current?.Token.Reveal() ?? "", http.RequestAborted);
    }

    private WorkerList Workers()
    {
        var nodes = List(NodeRole.Worker);
        return new(new(nodes), new([]), nodes);
    }

    private List<LedgerNode> Ledger(string role) =>
        [.. List(role).Select(node => new LedgerNode(node.Name, node.Id, node.TunnelAddress, node.ServiceId, node.LastSeen))];

    private NodeCount Count(string role)
    {
        var nodes = List(role);
        return new(nodes.Count(node => node.IsOnline), nodes.Count);
    }

    private List<ListedNode> List(string role)
    {
        var now = time.GetUtcNow();
        return [.. (swarm.Current?.Members ?? [])
            .Where(member => member.State != MemberState.Left && member.Facts.Roles.Contains(role))
            .Select(member => Node(member, now))];
    }

    // Who is suspected is only being asked again.
    private static ListedNode Node(SwarmMember member, DateTimeOffset now) => new(
        member.Facts.Name,
        member.Id.ToString(),
        (member.RemoteAddress ?? (member.Facts.Addresses is [var first, ..] ? first : null))?.ToString() ?? "",
        "",
        MemberView.LastSeen(member, now),
        member.State is MemberState.Alive or MemberState.Suspect);
}
