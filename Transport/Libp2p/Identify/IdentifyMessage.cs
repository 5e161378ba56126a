using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p.Identify;

/// <summary>
/// What a peer says about itself, as libp2p's protobuf message <c>Identify</c>
/// (https://github.com/libp2p/specs/blob/master/identify/README.md):
/// <code>
/// 1 publicKey, 2 listenAddrs*, 3 protocols*, 4 observedAddr, 5 protocolVersion, 6 agentVersion
/// </code>
/// A field that is absent says nothing.
/// </summary>
internal sealed record IdentifyMessage
{
    /// <summary>Bytes of the longest one that is read; what other implementations read is as long.</summary>
    public const int MaxBytes = 8 << 10;

    // Of those that are read. More are left out: a peer that has more of them has enough.
    private const int MaxAddresses = 64;
    private const int MaxProtocols = 512;
    private const int MaxVersionChars = 128;

    /// <summary>The public key as libp2p's message <c>PublicKey</c>.</summary>
    public ReadOnlyMemory<byte>? PublicKey { get; init; }

    public IReadOnlyList<Multiaddress> Addresses { get; init; } = [];

    public IReadOnlyList<string> Protocols { get; init; } = [];

    public Multiaddress? ObservedAddress { get; init; }

    public string? ProtocolVersion { get; init; }

    public string? AgentVersion { get; init; }

    /// <summary>Parses a message. Addresses that are not known here are left out.</summary>
    /// <exception cref="SwarmException"><c>invalid_message</c></exception>
    public static IdentifyMessage Parse(ReadOnlySpan<byte> bytes)
    {
        var message = new IdentifyMessage();
        List<Multiaddress> addresses = [];
        List<string> protocols = [];
        var reader = new ProtobufReader(bytes, "identify message");
        while (reader.MoveNext())
        {
            switch (reader.Field)
            {
                case 1:
                    message = message with { PublicKey = reader.Bytes().ToArray() };
                    break;
                case 2 when addresses.Count < MaxAddresses && Multiaddress.TryFromBytes(reader.Bytes(), out var address):
                    addresses.Add(address);
                    break;
                case 3 when protocols.Count < MaxProtocols:
                    protocols.Add(reader.Text());
                    break;
                case 4 when Multiaddress.TryFromBytes(reader.Bytes(), out var observed):
                    message = message with { ObservedAddress = observed };
                    break;
                case 5:
                    message = message with { ProtocolVersion = Cut(reader.Text()) };
                    break;
                case 6:
                    message = message with { AgentVersion = Cut(reader.Text()) };
                    break;
                default:
                    // Signed records and what comes later are not needed here.
                    break;
            }
        }

        return message with { Addresses = addresses, Protocols = protocols };
    }

    /// <summary>What both say together; of what only one can say, what the later one says.</summary>
    public IdentifyMessage Merge(IdentifyMessage later) => new()
    {
        PublicKey = later.PublicKey ?? PublicKey,
        Addresses = [.. Addresses.Concat(later.Addresses).Distinct().Take(MaxAddresses)],
        Protocols = [.. Protocols.Concat(later.Protocols).Distinct(StringComparer.Ordinal).Take(MaxProtocols)],
        ObservedAddress = later.ObservedAddress ?? ObservedAddress,
        ProtocolVersion = later.ProtocolVersion ?? ProtocolVersion,
        AgentVersion = later.AgentVersion ?? AgentVersion,
    };

    public byte[] ToBytes()
    {
        var output = new ArrayBufferWriter<byte>(512);
        var writer = new ProtobufWriter(output);
        if (PublicKey is { } key)
        {
            writer.WriteBytes(1, key.Span);
        }

        foreach (var address in Addresses)
        {
            writer.WriteBytes(2, address.Bytes.Span);
        }

        foreach (var protocol in Protocols)
        {
            writer.WriteText(3, protocol);
        }

        if (ObservedAddress is { } observed)
        {
            writer.WriteBytes(4, observed.Bytes.Span);
        }

        WriteVersion(writer, 5, ProtocolVersion);
        WriteVersion(writer, 6, AgentVersion);
        return output.WrittenSpan.ToArray();
    }

    private static string Cut(string text) => text.Length <= MaxVersionChars ? text : text[..MaxVersionChars];

    private static void WriteVersion(ProtobufWriter writer, int field, string? version)
    {
        if (version is not null)
        {
            writer.WriteText(field, version);
        }
    }
}
