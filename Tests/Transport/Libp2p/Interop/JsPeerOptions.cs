using System.Text.Json.Nodes;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>How a js peer works.</summary>
/// <param name="PreSharedKey">The private network's key, 32 bytes; null: none.</param>
/// <param name="Prologue">Noise's prologue; null: none.</param>
/// <param name="EarlyMuxer">Whether Noise offers multiplexers.</param>
/// <param name="OurEarlyMuxer">Whether that of ours that it meets does.</param>
internal sealed record JsPeerOptions(
    byte[]? PreSharedKey = null, byte[]? Prologue = null, bool EarlyMuxer = true, bool OurEarlyMuxer = true)
{
    /// <summary>What the peer is told: node.mjs reads it.</summary>
    public JsonObject ToJson() => new()
    {
        ["swarmKey"] = PreSharedKey is null ? null : $"/key/swarm/psk/1.0.0/\n/base16/\n{Convert.ToHexStringLower(PreSharedKey)}\n",
        ["prologue"] = Prologue is null ? null : Convert.ToHexStringLower(Prologue),
        ["earlyMuxer"] = EarlyMuxer,
    };
}
