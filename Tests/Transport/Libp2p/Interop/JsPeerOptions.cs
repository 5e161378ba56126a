using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>How a js peer works.</summary>
/// <param name="PreSharedKey">The private network's key, 32 bytes; null: none.</param>
/// <param name="Prologue">Noise's prologue; null: none.</param>
/// <param name="EarlyMuxer">Whether Noise offers multiplexers.</param>
/// <param name="OurEarlyMuxer">Whether that of ours that it meets does.</param>
/// <param name="Gossip">The sizes of gossipsub's meshes; null: it does not speak gossipsub.</param>
/// <param name="KadProtocol">The protocol id of the DHT that it serves; null: none.</param>
internal sealed record JsPeerOptions(
    byte[]? PreSharedKey = null,
    byte[]? Prologue = null,
    bool EarlyMuxer = true,
    bool OurEarlyMuxer = true,
    JsMeshSizes? Gossip = null,
    string? KadProtocol = null)
{
    /// <summary>Where it listens.</summary>
    public string ListenAddress { get; init; } = "/ip4/127.0.0.1/tcp/0";

    /// <summary>The name of the service by which it finds others with mDNS: <c>_p2p._udp.local</c>; null: it does not.</summary>
    public string? MdnsService { get; init; }

    /// <summary>What starts its process: put before its path and parameters.</summary>
    public string[] Launcher { get; init; } = [];

    /// <summary>What the peer is told: node.mjs reads it.</summary>
    public JsonObject ToJson() => new()
    {
        ["swarmKey"] = PreSharedKey is null ? null : $"/key/swarm/psk/1.0.0/\n/base16/\n{Convert.ToHexStringLower(PreSharedKey)}\n",
        ["prologue"] = Prologue is null ? null : Convert.ToHexStringLower(Prologue),
        ["earlyMuxer"] = EarlyMuxer,
        ["gossip"] = Gossip is null ? null : new JsonObject { ["D"] = Gossip.Wanted, ["Dlo"] = Gossip.Least, ["Dhi"] = Gossip.Most },
        ["kadProtocol"] = KadProtocol,
        ["listen"] = ListenAddress,
        ["mdnsService"] = MdnsService,
    };
}
