using System.Buffers;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>What a node writes into the registry: protobuf, <c>1 id, 2 address*</c>.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Addresses">Where it listens.</param>
internal sealed record RegistryEntry(PeerId Id, IReadOnlyList<Multiaddress> Addresses)
{
    /// <summary>Bytes of the longest one that is read.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Addresses of one node that are written and read.</summary>
    public const int MaxAddresses = 16;

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(output);
        writer.WriteBytes(1, Id.Bytes.Span);
        foreach (var address in Addresses.Take(MaxAddresses))
        {
            writer.WriteBytes(2, address.Bytes.Span);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <exception cref="SwarmException"><c>invalid_message</c>, <c>invalid_peer_id</c></exception>
    public static RegistryEntry Parse(ReadOnlySpan<byte> bytes)
    {
        PeerId? id = null;
        List<Multiaddress> addresses = [];
        var reader = new ProtobufReader(bytes, "registry entry");
        while (reader.MoveNext())
        {
            if (reader.Field == 1)
            {
                id = PeerId.FromBytes(reader.Bytes());
            }
            else if (reader.Field == 2 && addresses.Count < MaxAddresses && Multiaddress.TryFromBytes(reader.Bytes(), out var address))
            {
                addresses.Add(address);
            }
        }

        return new(id ?? throw new SwarmException("invalid_message", "registry entry: it names no peer"), addresses);
    }
}
