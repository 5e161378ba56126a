using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Libp2p.Kad;
using ManagedSwarm.Transport.Libp2p.Wire;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>
/// Members that have met nobody but one another's neighbours find each other in the swarm's private DHT: each provides the day's
/// rendezvous key there, and looks for others that do. The keys of the day before and of the day after are looked for as well: another
/// node's calendar may be wrong. A node that knows no other one is silent; one that does asks often at first, then seldom.
/// </summary>
/// <param name="dht">Stays the caller's.</param>
/// <param name="keys">The swarm's.</param>
/// <param name="options">How often; null: the defaults.</param>
internal sealed class KadDiscovery(KadService dht, SwarmKeys keys, KadDiscoveryOptions? options = null) : IPeerDiscovery
{
    private readonly KadDiscoveryOptions _options = options ?? new();
    private readonly Random _random = new((options ?? new()).Seed);

    public string Name => "dht";

    public async Task RunAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken)
    {
        var interval = _options.FirstInterval;
        try
        {
            while (true)
            {
                if (!dht.HasPeers)
                {
                    // Whoever comes next may be the bridge to all others.
                    await dht.WaitForPeersAsync(cancellationToken);
                    interval = _options.FirstInterval;
                }

                var members = await LookAsync(found, cancellationToken);
                var wait = WaitFor(interval);
                TransportLog.KadDiscovered(_options.Logger, members, wait.TotalSeconds);
                await Task.Delay(wait, _options.Time, cancellationToken);
                interval = interval * 2 < _options.SteadyInterval ? interval * 2 : _options.SteadyInterval;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // As wished.
        }
        catch (SwarmException exception) when (exception.Code == "session_closed")
        {
            // The DHT is disposed.
        }
    }

    /// <summary>Nothing is left when <see cref="RunAsync"/> has ended.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>The key under which members are found on a day: a multihash, as other implementations want it.</summary>
    internal static byte[] KeyOf(SwarmKeys keys, DateOnly day) => Multihash.Wrap(Multihash.Sha256, keys.RendezvousKey(day));

    private async Task<int> LookAsync(Action<DiscoveredPeer> found, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(_options.Time.GetUtcNow().UtcDateTime);
        var members = await Task.WhenAll(
            dht.MeetAsync(KeyOf(keys, today), cancellationToken),
            dht.FindProvidersAsync(KeyOf(keys, today.AddDays(-1)), cancellationToken),
            dht.FindProvidersAsync(KeyOf(keys, today.AddDays(1)), cancellationToken));
        var others = members.SelectMany(member => member).Where(member => member.Id != dht.Self && member.Addresses.Count > 0)
            .DistinctBy(member => member.Id).ToList();
        foreach (var member in others)
        {
            found(new(Name, member.Id, member.Addresses));
        }

        return others.Count;
    }

    /// <summary>An interval, but not past the end of the day: then the key is another one.</summary>
    private TimeSpan WaitFor(TimeSpan interval)
    {
        var jittered = interval * (1 + (_options.Jitter * ((2 * _random.NextDouble()) - 1)));
        var now = _options.Time.GetUtcNow().UtcDateTime;

        // Not all at once either.
        var midnight = now.Date.AddDays(1) - now + (_options.Jitter * _random.NextDouble() * interval);
        return jittered < midnight ? jittered : midnight;
    }
}
