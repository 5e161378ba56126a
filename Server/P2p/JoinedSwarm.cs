using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>A swarm that this node is in, under a key of its own. Disposing it leaves the swarm.</summary>
/// <param name="identity">The key; it is this one's from now on, as all else is.</param>
/// <param name="swarm">The membership.</param>
/// <param name="keys">Those of the token.</param>
/// <param name="stages">What this node does for models that are spread over the swarm.</param>
internal sealed class JoinedSwarm(NodeIdentity identity, ISwarm swarm, SwarmKeys keys, StageServices stages) : IAsyncDisposable
{
    public ISwarm Swarm => swarm;

    public SwarmKeys Keys => keys;

    public StageServices Stages => stages;

    public async ValueTask DisposeAsync()
    {
        await stages.DisposeAsync();
        await swarm.DisposeAsync();
        identity.Dispose();
    }
}
