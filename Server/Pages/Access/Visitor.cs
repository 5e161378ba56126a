using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;

namespace ManagedSwarm.Server.Pages.Access;

/// <summary>Who looks at a page: while it is rendered at first, and as long as it is connected.</summary>
internal sealed class Visitor(AuthenticationStateProvider state, PageSessions sessions)
{
    /// <summary>Whether the token may be shown, and this node be changed: to be asked each time, as sessions end.</summary>
    public async ValueTask<bool> MayActAsync()
    {
        var user = await UserAsync();
        return PageAccess.MayAct(user)
            && (user.FindFirst(PageAccess.SessionClaim) is not { } session || sessions.IsAlive(session.Value));
    }

    /// <summary>Whether it is no guest, though a session may have ended since.</summary>
    public async ValueTask<bool> MayEverActAsync() => PageAccess.MayAct(await UserAsync());

    /// <summary>Whether there is a session that can be ended.</summary>
    public async ValueTask<bool> IsSignedInAsync() => (await UserAsync()).HasClaim(claim => claim.Type == PageAccess.SessionClaim);

    private async ValueTask<ClaimsPrincipal> UserAsync() => (await state.GetAuthenticationStateAsync()).User;
}
