using System.Buffers;
using System.Buffers.Binary;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Token;

/// <summary>
/// The bytes of a token, numbers big-endian:
/// <code>
/// version     1   1
/// networkId  16
/// epoch       4
/// root       32
/// flags       1   bit 0: closed, bit 1: fast, the others 0
/// bootstrap       count (1), then of each: length (varint), binary multiaddress
/// fields          until the end, by ascending tag: tag (1; bit 7: critical), length (varint), value
/// </code>
/// A program that finds a critical field that it does not know must refuse the token; other fields it keeps and passes on.
/// </summary>
internal static class TokenFormat
{
    public const byte Version = 1;
    public const int NetworkIdBytes = 16;
    public const int RootBytes = 32;

    /// <summary>Version to count of addresses: what every token has.</summary>
    public const int MinBytes = 1 + NetworkIdBytes + sizeof(uint) + RootBytes + 1 + 1;

    /// <summary>Of a token in all: it must still fit where people paste it.</summary>
    public const int MaxBytes = 6144;

    /// <summary>Enough that one of them answers.</summary>
    public const int MaxBootstrap = 16;

    /// <summary>Of one address.</summary>
    public const int MaxAddressBytes = 256;

    private const byte CriticalBit = 0x80;
    private const SwarmTokenFlags KnownFlags = SwarmTokenFlags.Closed | SwarmTokenFlags.Fast;

    /// <summary>Writes a token.</summary>
    /// <exception cref="SwarmException"><c>invalid_token</c>: it has more than a token may.</exception>
    public static byte[] Write(SwarmToken token)
    {
        CheckAddresses(token.Bootstrap);
        var output = new ArrayBufferWriter<byte>(MinBytes);
        output.Write([Version]);
        output.Write(token.NetworkIdBytes);
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(sizeof(uint)), token.Epoch);
        output.Advance(sizeof(uint));
        output.Write(token.Root);
        output.Write([(byte)token.Flags, (byte)token.Bootstrap.Count]);
        foreach (var address in token.Bootstrap)
        {
            WritePrefixed(output, address.Bytes.Span);
        }

        foreach (var field in token.Fields)
        {
            output.Write([(byte)(field.Tag | (field.IsCritical ? CriticalBit : 0))]);
            WritePrefixed(output, field.Value.Span);
        }

        return output.WrittenCount <= MaxBytes
            ? output.WrittenSpan.ToArray()
            : throw SwarmToken.Invalid($"it would have {output.WrittenCount} bytes, allowed are {MaxBytes}");
    }

    /// <summary>Reads a token.</summary>
    /// <exception cref="SwarmException"><c>invalid_token</c></exception>
    public static SwarmToken Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new TokenReader(bytes);
        CheckVersion(reader.Byte("the version"));
        var networkId = reader.Take(NetworkIdBytes, "the network's id").ToArray();
        var epoch = reader.UInt32("the epoch");
        var root = reader.Take(RootBytes, "the root").ToArray();
        var flags = ReadFlags(ref reader);
        return new SwarmToken(networkId, root)
        {
            Epoch = epoch,
            Flags = flags,
            Bootstrap = ReadAddresses(ref reader),
            Fields = ReadFields(ref reader),
        };
    }

    private static void CheckVersion(byte version)
    {
        if (version > Version)
        {
            throw SwarmToken.Invalid($"it has version {version}, made by a newer program; this one knows version {Version}");
        }

        if (version < Version)
        {
            throw SwarmToken.Invalid($"it has version {version}, expected {Version}");
        }
    }

    private static SwarmTokenFlags ReadFlags(ref TokenReader reader)
    {
        var flags = (SwarmTokenFlags)reader.Byte("the flags");
        return (flags & ~KnownFlags) == 0
            ? flags
            : throw SwarmToken.Invalid($"it has flags {(int)flags} that this program does not know; a newer one may");
    }

    private static List<Multiaddress> ReadAddresses(ref TokenReader reader)
    {
        int count = reader.Byte("the number of bootstrap addresses");
        CheckAddressCount(count);
        var addresses = new List<Multiaddress>(count);
        for (var i = 0; i < count; i++)
        {
            var bytes = reader.TakePrefixed(MaxAddressBytes, $"bootstrap address {i + 1}");
            addresses.Add(Multiaddress.TryFromBytes(bytes, out var address)
                ? address
                : throw SwarmToken.Invalid($"bootstrap address {i + 1} is not one that this program knows"));
        }

        return addresses;
    }

    private static List<SwarmTokenField> ReadFields(ref TokenReader reader)
    {
        var fields = new List<SwarmTokenField>();
        while (!reader.IsAtEnd)
        {
            var tag = reader.Byte("a field's tag");
            var field = new SwarmTokenField(
                tag & ~CriticalBit, (tag & CriticalBit) != 0, reader.TakePrefixed(MaxBytes, $"field {tag & ~CriticalBit}").ToArray());
            if (field.IsCritical)
            {
                throw SwarmToken.Invalid(
                    $"it has field {field.Tag}, without which it must not be used and which this program does not know; a newer one may");
            }

            // One token has one text.
            if (fields is [.., var last] && field.Tag <= last.Tag)
            {
                throw SwarmToken.Invalid($"field {field.Tag} follows field {last.Tag}, expected ascending tags");
            }

            fields.Add(field);
        }

        return fields;
    }

    private static void CheckAddresses(IReadOnlyList<Multiaddress> addresses)
    {
        CheckAddressCount(addresses.Count);
        foreach (var address in addresses)
        {
            if (address.Bytes.Length > MaxAddressBytes)
            {
                throw SwarmToken.Invalid($"the bootstrap address {address} has {address.Bytes.Length} bytes, allowed are {MaxAddressBytes}");
            }
        }
    }

    private static void CheckAddressCount(int count)
    {
        if (count > MaxBootstrap)
        {
            throw SwarmToken.Invalid($"it has {count} bootstrap addresses, allowed are {MaxBootstrap}");
        }
    }

    private static void WritePrefixed(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        Varint.Write(output, (ulong)bytes.Length);
        output.Write(bytes);
    }
}
