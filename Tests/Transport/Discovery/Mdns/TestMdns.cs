using System.Net;
using ManagedSwarm.Tests.Transport.Token;
using ManagedSwarm.Transport.Discovery.Mdns;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Tests.Transport.Discovery.Mdns;

/// <summary>What tests of mDNS are about.</summary>
internal static class TestMdns
{
    public static readonly DateOnly Day = new(2026, 11, 28);

    public static readonly SwarmKeys Keys = new(SwarmToken.Parse(TestTokens.Plain));

    /// <summary>10.0.0.HOST/24 and fe80::HOST/64.</summary>
    public static MdnsInterface Interface(int host, string name = "eth0") => new(
        name, Index: 2, IsLoopback: false, SupportsMulticast: true,
        [new(IPAddress.Parse($"10.0.0.{host}"), 24), new(IPAddress.Parse($"fe80::{host}"), 64)]);

    /// <summary>A peer, always the same for the same number.</summary>
    public static PeerId Peer(int number)
    {
        byte[] key = [0x08, 0x01, 0x12, 0x20, .. new byte[32]];
        key[^1] = (byte)number;
        return PeerId.FromPublicKeyMessage(key);
    }

    public static Multiaddress Address(int host) => Multiaddress.Parse($"/ip4/10.0.0.{host}/tcp/4001");
}
