using System.Security.Claims;
using ManagedSwarm.Server.Pages.Access;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Server.Pages.Swarm.Actions;
using ManagedSwarm.Tests.Server.P2pApi;
using Microsoft.AspNetCore.Components.Authorization;

namespace ManagedSwarm.Tests.Server.Pages.Swarm;

/// <summary>What visitors may do; each time they are asked anew who they are.</summary>
public sealed class SwarmActionsTests
{
    [Fact]
    public async Task Does_nothing_for_a_session_that_has_ended()
    {
        await using var node = await SwarmServer.StartAsync();
        var models = node.Server.Server.Models;
        using var journal = new SwarmJournal(node.Service, models, TimeProvider.System);
        var sessions = new PageSessions(TimeProvider.System);
        var session = sessions.Begin();
        var visitor = new Visitor(new KnownVisitor(new(PageAccess.TrustClaim, "session"), new(PageAccess.SessionClaim, session)), sessions);
        var actions = new SwarmActions(node.Service, node.Server.Server.Serving, journal, visitor);
        sessions.End(session);

        Assert.StartsWith("Only this machine", await actions.UnloadAsync(FakeModel.DefaultId), StringComparison.Ordinal);
        Assert.StartsWith("Only this machine", await actions.LeaveAsync(), StringComparison.Ordinal);
        Assert.StartsWith("Only this machine", await actions.DrainAsync(node.Swarm.Self.ToString()), StringComparison.Ordinal);

        Assert.NotNull(models.Current);
        Assert.NotNull(node.Service.Current);
    }

    [Fact]
    public async Task Does_nothing_for_who_may_only_look()
    {
        await using var node = await SwarmServer.StartAsync();
        var models = node.Server.Server.Models;
        using var journal = new SwarmJournal(node.Service, models, TimeProvider.System);
        var actions = new SwarmActions(node.Service, node.Server.Server.Serving, journal, new Visitor(new KnownVisitor(), new PageSessions(TimeProvider.System)));

        Assert.StartsWith("Only this machine", await actions.StartAsync(""), StringComparison.Ordinal);
        Assert.StartsWith("Only this machine", await actions.UnloadAsync(FakeModel.DefaultId), StringComparison.Ordinal);
        Assert.StartsWith("Only this machine", await actions.LoadAsync(new(FakeModel.DefaultId)), StringComparison.Ordinal);
        Assert.NotNull(models.Current);
    }

    private sealed class KnownVisitor(params Claim[] claims) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() =>
            Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity(claims, "page"))));
    }
}
