using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Tests.Transport.Membership;

internal static class SampleFacts
{
    public static string Hash(char digit) => new(digit, 64);

    public static NodeFacts Create() => new()
    {
        Name = "Küche",
        Version = "0.1.0",
        Roles = [NodeRole.Head, NodeRole.Worker, "of-a-later-version"],
        Device = "cuda",
        Cores = 16,
        TotalMemory = 128L << 30,
        FreeMemory = 77L << 30,
        MemoryBandwidth = 51_200_000_000,
        Models = [new("tales", Hash('a'), 100_000_000) { Numerics = "1-fast-cpu-x64-f16" }, new("llama-3.2-1b", "", 0)],
        Layers = [new(Hash('b'), 0, 8), new(Hash('b'), 12, 16)],
        Load = new(3, 12) { TokensPerSecond = 45 },
        Addresses = [Multiaddress.Parse("/ip4/192.0.2.1/tcp/4001"), Multiaddress.Parse("/dns4/example.org/tcp/443")],
    };

    public static void AssertEqual(NodeFacts expected, NodeFacts actual)
    {
        Assert.Equal(expected.Roles, actual.Roles);
        Assert.Equal(expected.Models, actual.Models);
        Assert.Equal(expected.Layers, actual.Layers);
        Assert.Equal(expected.Addresses, actual.Addresses);
        Assert.Equal(
            expected with { Roles = [], Models = [], Layers = [], Addresses = [] },
            actual with { Roles = [], Models = [], Layers = [], Addresses = [] });
    }
}
