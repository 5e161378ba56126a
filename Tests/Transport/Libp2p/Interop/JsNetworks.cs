using System.Security.Cryptography;

namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>The networks that peers meet in.</summary>
internal static class JsNetworks
{
    /// <summary>Anybody may connect.</summary>
    public const string Open = "open";

    /// <summary>Hidden by a key, and open to nobody without the prologue: a swarm's.</summary>
    public const string Private = "private";

    /// <summary>Anybody may connect; js does not offer its multiplexer during the handshake.</summary>
    public const string LateMuxer = "open, late muxer";

    /// <summary>Anybody may connect; ours does not offer its multiplexer during the handshake.</summary>
    public const string OurLateMuxer = "open, our late muxer";

    /// <summary>Anybody may connect; neither side offers its multiplexer during the handshake.</summary>
    public const string LateMuxers = "open, late muxers";

    private static readonly Dictionary<string, JsPeerOptions> Networks = new()
    {
        [Open] = new(),
        [Private] = new(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32)),
        [LateMuxer] = new(EarlyMuxer: false),
        [OurLateMuxer] = new(OurEarlyMuxer: false),
        [LateMuxers] = new(EarlyMuxer: false, OurEarlyMuxer: false),
    };

    public static JsPeerOptions Find(string name) => Networks[name];
}
