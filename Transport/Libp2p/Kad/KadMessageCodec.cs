using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Kad;

/// <summary>
/// Messages as protobuf (https://github.com/libp2p/specs/blob/master/kad-dht/README.md, "RPC messages"), each with its length as a varint
/// before it on streams:
/// <code>
/// Message { 1 type, 2 key, 3 record, 8 closerPeers*, 9 providerPeers*, 10 clusterLevelRaw }
/// Peer    { 1 id, 2 addrs*, 3 connection }
/// </code>
/// Records and cluster levels are not needed here, and skipped.
/// </summary>
internal static class KadMessageCodec
{
    /// <summary>Of a request: the largest is a provider's, with its addresses.</summary>
    public const int MaxRequestBytes = 16 << 10;

    /// <summary>Of an answer: other implementations name all providers they know.</summary>
    public const int MaxAnswerBytes = 256 << 10;

    /// <summary>Of a key: those of other implementations are as long.</summary>
    public const int MaxKeyBytes = 80;

    /// <summary>Of one list of peers; more are left out.</summary>
    public const int MaxPeers = 64;

    // Longer than any that can be dialed from here but for names of some length; longer ones are left out.
    private const int MaxAddressBytes = 160;

    /// <summary>Parses a message. Peers and addresses that are not known here, or too many, are left out.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public static KadMessage Read(ReadOnlySpan<byte> bytes)
    {
        var (type, key) = (KadMessageType.PutValue, default(byte[]));
        List<KadPeer> closer = [], providers = [];
        var reader = new ProtobufReader(bytes, "kad message");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    type = ReadType(reader.UInt64());
                    break;
                case 2:
                    key = ReadKey(reader.Bytes());
                    break;
                case 8:
                    AddPeer(closer, reader.Bytes());
                    break;
                case 9:
                    AddPeer(providers, reader.Bytes());
                    break;
                default:
                    break;
            }
        }

        return new() { Type = type, Key = key, CloserPeers = closer, ProviderPeers = providers };
    }

    public static byte[] Write(KadMessage message)
    {
        var output = new ArrayBufferWriter<byte>(256);
        var writer = new ProtobufWriter(output);
        writer.WriteNumber(1, (ulong)message.Type);
        if (!message.Key.IsEmpty)
        {
            writer.WriteBytes(2, message.Key.Span);
        }

        WritePeers(writer, 8, message.CloserPeers);
        WritePeers(writer, 9, message.ProviderPeers);
        return output.WrittenSpan.ToArray();
    }

    private static KadMessageType ReadType(ulong value) => value <= (ulong)KadMessageType.Ping
        ? (KadMessageType)value
        : throw new SwarmException("invalid_message", $"kad message: its type is {value}, known are 0 to {(int)KadMessageType.Ping}");

    private static byte[] ReadKey(ReadOnlySpan<byte> key) => key.Length <= MaxKeyBytes
        ? key.ToArray()
        : throw new SwarmException("invalid_message", $"kad message: a key of {key.Length} bytes, allowed are {MaxKeyBytes}");

    private static void AddPeer(List<KadPeer> peers, ReadOnlySpan<byte> bytes)
    {
        if (peers.Count < MaxPeers && ReadPeer(bytes) is { } peer)
        {
            peers.Add(peer);
        }
    }

    private static KadPeer? ReadPeer(ReadOnlySpan<byte> bytes)
    {
        var (id, connection) = (default(PeerId), KadConnection.NotConnected);
        List<Multiaddress> addresses = [];
        var reader = new ProtobufReader(bytes, "kad peer");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    PeerId.TryFromBytes(reader.Bytes(), out id);
                    break;
                case 2 when addresses.Count < KadPeer.MaxAddresses
                    && reader.Bytes() is { Length: <= MaxAddressBytes } text
                    && Multiaddress.TryFromBytes(text, out var address):
                    addresses.Add(address);
                    break;
                case 3 when reader.UInt64() is <= (ulong)KadConnection.CannotConnect and var value:
                    connection = (KadConnection)value;
                    break;
                default:
                    break;
            }
        }

        return id is null ? null : new KadPeer(id, addresses, connection);
    }

    private static void WritePeers(ProtobufWriter writer, int field, IReadOnlyList<KadPeer> peers)
    {
        foreach (var peer in peers)
        {
            writer.WriteBytes(field, WritePeer(peer));
        }
    }

    private static ReadOnlySpan<byte> WritePeer(KadPeer peer)
    {
        var output = new ArrayBufferWriter<byte>(128);
        var writer = new ProtobufWriter(output);
        writer.WriteBytes(1, peer.Id.Bytes.Span);
        foreach (var address in peer.Addresses)
        {
            writer.WriteBytes(2, WithoutPeer(address).Span);
        }

        if (peer.Connection != KadConnection.NotConnected)
        {
            writer.WriteNumber(3, (ulong)peer.Connection);
        }

        return output.WrittenSpan;
    }

    /// <summary>The peer at an address's end is the one that has the address: it need not be said again.</summary>
    private static ReadOnlyMemory<byte> WithoutPeer(Multiaddress address)
    {
        var bytes = address.Bytes;
        var part = address.PeerId is { } id
            ? Varint.LengthOf(MultiaddressProtocol.P2p.Code) + Varint.LengthOf((ulong)id.Bytes.Length) + id.Bytes.Length
            : 0;
        return part < bytes.Length ? bytes[..^part] : bytes;
    }
}
