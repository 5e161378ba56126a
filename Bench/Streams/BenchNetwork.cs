using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Streams;

/// <summary>What both processes must agree on.</summary>
internal static class BenchNetwork
{
    /// <summary>The protocol of all streams.</summary>
    public const string ProtocolId = "/managedswarm/bench/1.0.0";

    // Known to everybody, so it hides nothing; it costs what a secret one costs.
    private static readonly byte[] PublicKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    /// <summary>A local peer's options.</summary>
    public static LocalPeerOptions Options(Stack stack) => new()
    {
        PreSharedKey = stack == Stack.NoiseYamuxPnet ? PublicKey : default(ReadOnlyMemory<byte>),

        // All come from one address here.
        Limits = new() { ConnectionsPerAddress = 512 },
    };
}
