using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.Pages.Access;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>Lets visitors into the API as long as they may see the page.</summary>
internal sealed class VisitorEntry(Visitor visitor, ApiServerOptions options, OwnKey own) : IApiEntry
{
    public async ValueTask<string?> FindAsync() =>
        options.ApiKeys.Count == 0 ? null
        : await visitor.MayActAsync() ? own.Text
        : throw new ChatApiException("you are not signed in any more: load the page again, and sign in", isTransient: false);
}
