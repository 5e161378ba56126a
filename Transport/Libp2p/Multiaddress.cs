namespace ManagedSwarm.Transport.Libp2p;

/// <summary>An address that says how to reach somebody, such as <c>/ip4/127.0.0.1/tcp/4001</c> (multiformats, multiaddr).</summary>
public sealed record Multiaddress;
