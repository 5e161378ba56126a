using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;
using Microsoft.Extensions.Logging.Abstractions;

namespace ManagedSwarm.Server.Commands;

/// <summary>Collects what a doctor is to look at, from all who may know an address.</summary>
/// <param name="token">The swarm's.</param>
/// <param name="swarm">What the node on this machine says; null: there is none.</param>
/// <param name="trials">What that node has tried.</param>
/// <param name="folders">Where nodes of this user keep what they remember.</param>
internal sealed class DoctorCaseBuilder(SwarmToken token, SwarmBody? swarm, IReadOnlyList<TrialBody> trials, NodeFolders folders)
{
    /// <summary>Nodes of this user whose caches are read.</summary>
    private const int MaxCaches = 4;

    private readonly SwarmKeys _keys = new(token);

    /// <param name="peer">An address, an id or a name; null: all.</param>
    /// <param name="bootstrap">Where members may be found, beside what the token says.</param>
    public DoctorCase Build(string? peer, IReadOnlyList<Multiaddress> bootstrap)
    {
        var all = token.Bootstrap.Concat(bootstrap).Select(address => new DoctorAddress(address, DiscoverySource.Bootstrap))
            .Concat(OfNode())
            .Concat(OfRegistry())
            .Concat(OfCaches());
        IEnumerable<DoctorAddress> asked = peer is null ? all
            : Multiaddress.TryParse(peer, out var address) ? [new(address, DoctorAddress.Asked)]
            : FindId(peer) is { } id ? all.Where(known => known.Address.PeerId == id).Select(known => known with { Source = DoctorAddress.Asked })
            : [];
        return new() { Addresses = [.. asked.DistinctBy(known => known.Address)], Asked = peer, Node = View() };
    }

    private PeerId? FindId(string peer) => PeerId.TryParse(peer, out var id) ? id
        : swarm?.Members.Where(member => member.Name == peer).ToList() is [var only] && PeerId.TryParse(only.Id, out id) ? id
        : null;

    private IEnumerable<DoctorAddress> OfNode()
    {
        if (swarm?.Network != _keys.Network)
        {
            yield break;
        }

        foreach (var address in Parse(swarm.Addresses))
        {
            yield return new(address, DoctorAddress.Self);
        }

        foreach (var member in swarm.Members.Where(member => !member.IsSelf && member.State is "alive" or "suspect"))
        {
            var all = Parse([.. member.RemoteAddress is { } remote && member.IsConnected ? [remote] : Array.Empty<string>(), .. member.Addresses]);
            foreach (var address in PeerId.TryParse(member.Id, out var id) ? all.Select(address => address.WithPeerId(id)) : [])
            {
                yield return new(address, DiscoverySource.Member);
            }
        }

        foreach (var trial in Trials().Where(trial => trial.Code is not null))
        {
            yield return new(trial.Address, trial.Source);
        }
    }

    /// <summary>Nodes of this user on this machine, but for the one that answers.</summary>
    private IEnumerable<DoctorAddress> OfRegistry() => (folders.Registry is { } folder ? RegistryFolder.Read(folder, _keys.Network) : [])
        .Where(peer => peer.Id is not null && peer.Id.ToString() != swarm?.Self)
        .SelectMany(peer => peer.Addresses.Select(address => new DoctorAddress(address.WithPeerId(peer.Id!), DiscoverySource.Registry)));

    private IEnumerable<DoctorAddress> OfCaches()
    {
        var folder = NodeFolders.PeersIn(folders.Configuration);
        string[] files = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, _keys.Network + "-*").Take(MaxCaches)] : [];
        return files
            .SelectMany(file => new PeerCache(file, _keys, NullLogger.Instance).Peers)
            .SelectMany(cached => cached.Addresses.Select(address => new DoctorAddress(address.WithPeerId(cached.Id), DiscoverySource.Cache)));
    }

    private NodeView? View() => swarm is { Self: { } self, Network: { } network } && PeerId.TryParse(self, out var id)
        ? new()
        {
            Self = id,
            Network = network,
            Addresses = [.. Parse(swarm.Addresses)],
            Sessions = swarm.Members.Count(member => member is { IsSelf: false, IsConnected: true }),
            Trials = [.. Trials()],
        }
        : null;

    private IEnumerable<AddressTrial> Trials() => trials.SelectMany<TrialBody, AddressTrial>(trial => Multiaddress.TryParse(trial.Address, out var address)
        ? [new(address, trial.Source, new DateTimeOffset(DateTime.SpecifyKind(trial.At, DateTimeKind.Utc)), trial.Code, trial.Reason)]
        : []);

    private static IEnumerable<Multiaddress> Parse(IEnumerable<string> texts) =>
        texts.SelectMany<string, Multiaddress>(text => Multiaddress.TryParse(text, out var address) ? [address] : []);
}
