using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Transport.Stages.Links;

/// <summary>The protocols between stages, and what their sides say first.</summary>
internal static class StageProtocols
{
    /// <summary>Steps from one stage to the next.</summary>
    public static Hello Stage { get; } = new("stage", 1, 0, null, []);

    /// <summary>What a head and a worker have to say about a stage.</summary>
    public static Hello Control { get; } = new("control", 1, 0, null, []);

    /// <summary>Keys and values, from a stage that gives layers away to one that gets them.</summary>
    public static Hello Cache { get; } = new("cache", 1, 0, null, []);

    /// <summary><c>/managedswarm/NETWORK/control/1.0.0</c></summary>
    public static string Id(SwarmKeys keys, Hello protocol) => keys.ProtocolId($"{protocol.Protocol}/{protocol.Major}.0.0");

    /// <summary>The versions of a protocol among the ids that a peer serves.</summary>
    public static IReadOnlyList<string> VersionsOf(SwarmKeys keys, Hello protocol, IEnumerable<string> ids)
    {
        var prefix = keys.ProtocolId(protocol.Protocol + "/");
        return [.. ids.Where(id => id.StartsWith(prefix, StringComparison.Ordinal)).Select(id => id[prefix.Length..])];
    }
}
