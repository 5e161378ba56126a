using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;

namespace ManagedSwarm.Server.Federation;

/// <summary>Tells who has answered, where that is asked for. A router's answers name the instance, if one was asked.</summary>
internal sealed class NodeHeaderMiddleware(RequestDelegate next, ApiServerOptions options, SwarmService swarm)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (options.MachineTag is { } tag)
        {
            http.Response.Headers[PeerHeaders.MachineTag] = tag;
        }

        if (options.ShowsNode && swarm.Current is { } joined)
        {
            http.Response.Headers[PeerHeaders.Node] = joined.Self.ToString();
        }

        return next(http);
    }
}
