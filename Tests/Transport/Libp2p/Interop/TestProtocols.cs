namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>What both sides serve under the same names (Tests/Interop/js/protocols.mjs).</summary>
internal static class TestProtocols
{
    /// <summary>Says every byte back; closes when the other side has.</summary>
    public const string Echo = "/managedswarm/test/echo/1.0.0";

    /// <summary>Reads to the end, and only then answers: <c>u64be count || SHA-256</c>.</summary>
    public const string Digest = "/managedswarm/test/digest/1.0.0";

    /// <summary>Resets the stream at the first byte.</summary>
    public const string Reset = "/managedswarm/test/reset/1.0.0";
}
