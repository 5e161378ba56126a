namespace ManagedSwarm.Tests.Transport.Libp2p;

/// <summary>The Ed25519 test vector of libp2p's peer-ids.</summary>
internal static class TestKeys
{
    public static byte[] PrivateKeyMessage => Convert.FromHexString(
        "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");

    public static byte[] PublicKeyMessage => Convert.FromHexString("080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e");
}
