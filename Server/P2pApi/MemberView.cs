using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Discovery;
using ManagedSwarm.Transport.Membership;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.P2pApi;

/// <summary>The swarm's members as the API shows them.</summary>
internal static class MemberView
{
    /// <summary>All that is known of the swarm.</summary>
    public static SwarmBody Of(SwarmService service, DateTimeOffset now)
    {
        if (service.Current is not { } swarm)
        {
            return new(false, null, null, null, [], []);
        }

        return new(
            true,
            new SwarmKeys(swarm.Token.InSubnetwork(service.Settings.NetworkId)).Network,
            service.Settings.NetworkId,
            swarm.Self.ToString(),
            [.. swarm.Addresses.Select(address => address.ToString())],
            [.. swarm.Members.Select(member => Of(member, now))]);
    }

    public static MemberBody Of(SwarmMember member, DateTimeOffset now)
    {
        var facts = member.Facts;
        return new(
            member.Id.ToString(),
            facts.Name,
            NameOf(member.State),
            member.IsSelf,
            member.IsConnected,
            member.RemoteAddress?.ToString(),
            member.RoundTrip?.TotalSeconds,
            member.SinceSeen.TotalSeconds,
            LastSeen(member, now),
            member.Sequence,
            facts.Version,
            facts.Roles,
            facts.Device,
            facts.Cores,
            facts.TotalMemory,
            facts.FreeMemory,
            [.. facts.Models.Select(model => new ModelBody(model.Id, model.Hash, model.Bytes))],
            [.. facts.Layers.Select(layers => new LayersBody(layers.ModelHash, layers.First, layers.End))],
            new(facts.Load.InFlight, facts.Load.Queued, facts.Load.TokensPerSecond > 0 ? facts.Load.TokensPerSecond : null),
            [.. facts.Addresses.Select(address => address.ToString())],
            facts.MemoryBandwidth > 0 ? facts.MemoryBandwidth : null);
    }

    public static EventBody Of(SwarmEvent change, DateTimeOffset now) =>
        new(NameOf(change.Kind), change.At.UtcDateTime, Of(change.Member, now));

    public static TrialBody Of(AddressTrial trial) =>
        new(trial.Address.ToString(), trial.Source, trial.At.UtcDateTime, trial.Code, trial.Reason);

    /// <summary>When a member was last known to live, by this node's clock.</summary>
    public static DateTime LastSeen(SwarmMember member, DateTimeOffset now) =>
        member.SinceSeen < now - DateTimeOffset.UnixEpoch ? (now - member.SinceSeen).UtcDateTime : DateTime.UnixEpoch;

    /// <summary>A kind or a state as the API writes it.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
