namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// One of the protocols that an address can be made of
/// (<see href="https://github.com/multiformats/multiaddr/blob/master/protocols.csv">protocols.csv</see>). Most of them are known only so
/// that addresses of other implementations can be read.
/// </summary>
/// <param name="Code">Its number in the binary form.</param>
/// <param name="Name">Its name in the text form.</param>
/// <param name="Value">What follows it.</param>
internal sealed record MultiaddressProtocol(ulong Code, string Name, MultiaddressValue Value)
{
    public static readonly MultiaddressProtocol Ip4 = new(4, "ip4", MultiaddressValue.IPv4);
    public static readonly MultiaddressProtocol Ip6 = new(41, "ip6", MultiaddressValue.IPv6);
    public static readonly MultiaddressProtocol Dns = new(53, "dns", MultiaddressValue.Name);
    public static readonly MultiaddressProtocol Dns4 = new(54, "dns4", MultiaddressValue.Name);
    public static readonly MultiaddressProtocol Dns6 = new(55, "dns6", MultiaddressValue.Name);
    public static readonly MultiaddressProtocol DnsAddr = new(56, "dnsaddr", MultiaddressValue.Name);
    public static readonly MultiaddressProtocol Tcp = new(6, "tcp", MultiaddressValue.Port);
    public static readonly MultiaddressProtocol P2p = new(421, "p2p", MultiaddressValue.PeerId);

    private static readonly MultiaddressProtocol[] All =
    [
        Ip4, Ip6, Dns, Dns4, Dns6, DnsAddr, Tcp, P2p,
        new(273, "udp", MultiaddressValue.Port),
        new(280, "webrtc-direct", MultiaddressValue.None),
        new(281, "webrtc", MultiaddressValue.None),
        new(290, "p2p-circuit", MultiaddressValue.None),
        new(448, "tls", MultiaddressValue.None),
        new(454, "noise", MultiaddressValue.None),
        new(460, "quic", MultiaddressValue.None),
        new(461, "quic-v1", MultiaddressValue.None),
        new(465, "webtransport", MultiaddressValue.None),
        new(466, "certhash", MultiaddressValue.CertHash),
        new(477, "ws", MultiaddressValue.None),
        new(478, "wss", MultiaddressValue.None),
    ];

    private static readonly Dictionary<ulong, MultiaddressProtocol> ByCode = All.ToDictionary(protocol => protocol.Code);

    // "ipfs" is what "p2p" was called at first.
    private static readonly Dictionary<string, MultiaddressProtocol> ByName =
        All.Select(protocol => KeyValuePair.Create(protocol.Name, protocol)).Append(new("ipfs", P2p)).ToDictionary(StringComparer.Ordinal);

    /// <summary>Bytes of the value; null: its length stands before it.</summary>
    public int? FixedBytes => Value switch
    {
        MultiaddressValue.None => 0,
        MultiaddressValue.IPv4 => 4,
        MultiaddressValue.IPv6 => 16,
        MultiaddressValue.Port => sizeof(ushort),
        _ => null,
    };

    public static MultiaddressProtocol? Find(ulong code) => ByCode.GetValueOrDefault(code);

    public static MultiaddressProtocol? Find(string name) => ByName.GetValueOrDefault(name);
}
