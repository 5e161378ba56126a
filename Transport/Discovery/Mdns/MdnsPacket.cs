using System.Net;

namespace ManagedSwarm.Transport.Discovery.Mdns;

/// <summary>What came by a network interface.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="From">Who sent it, or says that it did.</param>
/// <param name="IsToGroup">Whether it was sent to all.</param>
internal readonly record struct MdnsPacket(ReadOnlyMemory<byte> Bytes, IPEndPoint From, bool IsToGroup);
