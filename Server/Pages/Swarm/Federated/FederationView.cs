using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Pages.Swarm.Federated;

/// <summary>What this node knows of the instances.</summary>
/// <param name="swarm">This node's membership.</param>
/// <param name="counts">How requests have ended.</param>
/// <param name="services">Those of a router, where this node is one.</param>
internal sealed class FederationView(SwarmService swarm, RequestCounts counts, IServiceProvider services)
{
    private readonly PeerTable? _peers = services.GetService<PeerTable>();
    private readonly RouterOptions? _options = services.GetService<RouterOptions>();

    public FederationState Now()
    {
        var figures = _peers?.Figures.ToDictionary(figure => figure.Id.ToString(), StringComparer.Ordinal);
        return new(
            _options is null ? null : PolicyOf(_options),
            [
                .. (swarm.Current?.Members ?? [])
                    .Where(member => member.Facts.Roles.Contains(NodeRole.Instance))
                    .Select(member => RowOf(member, figures)),
            ]);
    }

    private InstanceRow RowOf(SwarmMember member, Dictionary<string, PeerFigures>? figures)
    {
        var id = member.Id.ToString();
        var figure = figures?.GetValueOrDefault(id);
        var load = member.Facts.Load;
        return new(
            id,
            ShownText.Fit(member.Facts.Name),
            P2pApi.MemberView.NameOf(member.State),
            [.. member.Facts.Models.Select(model => ShownText.Fit(model.Id))],
            figure?.InFlight ?? load.InFlight,
            load.Queued,
            load.TokensPerSecond > 0 ? load.TokensPerSecond : null,
            figure?.IsOpen,
            figures is null ? null : counts.Of(id, "answered"),
            figures is null ? null : counts.Of(id, "failed"));
    }

    private static string PolicyOf(RouterOptions options) => options.Policy switch
    {
        RoutePolicyKind.LeastBusy => "least-busy",
        RoutePolicyKind.Target => $"target {options.Target}",
        var policy => policy.ToString().ToLowerInvariant(),
    };
}
