using System.Diagnostics.Metrics;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2p;

/// <summary>How this node comes into a swarm.</summary>
/// <param name="setup">What it is asked to do there.</param>
/// <param name="facts">What it says of itself.</param>
/// <param name="time">The clock.</param>
/// <param name="meters">Makes the meters.</param>
/// <param name="logger">Hears what goes wrong.</param>
internal sealed class SwarmEntry(SwarmSetup setup, NodeFactsSource facts, TimeProvider time, IMeterFactory meters, ILogger logger)
{
    /// <summary>Joins the swarm of a token.</summary>
    /// <exception cref="StartException">The node's key cannot be had, it cannot listen, or the settings cannot be.</exception>
    public async Task<JoinedSwarm> JoinAsync(SwarmSettings settings, SwarmToken token, CancellationToken cancellationToken)
    {
        var identity = NodeIdentity.Open(settings.IdentityFile, setup.Folders.Configuration);
        ISwarm? swarm = null;
        try
        {
            var keys = new SwarmKeys(token);
            swarm = await setup.Start(OptionsFor(settings, token, keys, identity.Key), cancellationToken);
            return new(identity, swarm, keys, new StageServices(swarm, token, setup, time, meters, logger));
        }
        catch (Exception exception)
        {
            await (swarm?.DisposeAsync() ?? default);
            identity.Dispose();
            if (exception is SwarmException)
            {
                throw new StartException(exception.Message, exception);
            }

            throw;
        }
    }

    private SwarmOptions OptionsFor(SwarmSettings settings, SwarmToken token, SwarmKeys keys, Identity identity)
    {
        var options = new SwarmOptions
        {
            Token = token,
            Identity = identity,
            Facts = facts.Measure,
            AnnounceAddresses = settings.Announce,
            Bootstrap = settings.Bootstrap,
            UsesDht = settings.UsesDht,
            MdnsInterfaces = settings.MdnsInterfaces,
            RegistryFolder = setup.Folders.Registry,
            PeerCacheFile = Path.Combine(NodeFolders.PeersIn(setup.Folders.Configuration), $"{keys.Network}-{identity.PeerId}"),
            Limits = settings.Limits,
            Time = time,
            Logger = logger,
            Meters = meters,
        };
        return settings.Listen.Count == 0 ? options : options with { ListenAddresses = settings.Listen };
    }
}
