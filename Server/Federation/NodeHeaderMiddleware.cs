using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
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

        // Who asks for a trace wants to know as well, and is told the names of nodes anyway.
        if ((options.ShowsNode || http.Request.Headers[ReplyTrace.Header] == "1") && swarm.Current is { } joined)
        {
            http.Response.Headers[PeerHeaders.Node] = joined.Self.ToString();
        }

        return next(http);
    }
}
