using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>The values of an address's parts, from text to bytes and back.</summary>
internal static class MultiaddressText
{
    // RFC 1035's limit.
    private const int MaxNameChars = 253;

    private const int MaxCertHashBytes = 128;

    /// <summary>What <see cref="ToBytes"/> accepts, in words.</summary>
    public static string Expected(MultiaddressValue kind) => kind switch
    {
        MultiaddressValue.IPv4 => "four numbers from 0 to 255 with dots between them",
        MultiaddressValue.IPv6 => "an IPv6 address (a zone such as %eth0 has no meaning on another machine and is not supported)",
        MultiaddressValue.Port => "a port from 0 to 65535",
        MultiaddressValue.Name => $"a DNS name: 1 to {MaxNameChars} letters, digits, '-', '_' and '.'",
        MultiaddressValue.PeerId => "a peer id such as 12D3KooW...",
        MultiaddressValue.CertHash => "a multihash in base64url behind 'u'",
        _ => "nothing",
    };

    /// <summary>The bytes of a value; null where the text is none.</summary>
    public static byte[]? ToBytes(MultiaddressValue kind, string text) => kind switch
    {
        MultiaddressValue.IPv4 => ToIPv4(text),
        MultiaddressValue.IPv6 => ToIPv6(text),
        MultiaddressValue.Port => ToPort(text),
        MultiaddressValue.Name => IsName(text) ? Encoding.ASCII.GetBytes(text) : null,
        MultiaddressValue.PeerId => PeerId.TryParse(text, out var id) ? id.Bytes.ToArray() : null,
        MultiaddressValue.CertHash => ToCertHash(text),
        _ => null,
    };

    /// <summary>The text of a value; null where the bytes are none. What has no value is the empty text.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="bytes">As many as the kind has, where it has a fixed number.</param>
    public static string? FromBytes(MultiaddressValue kind, ReadOnlySpan<byte> bytes) => kind switch
    {
        MultiaddressValue.None => "",
        MultiaddressValue.IPv4 or MultiaddressValue.IPv6 => new IPAddress(bytes).ToString(),
        MultiaddressValue.Port => BinaryPrimitives.ReadUInt16BigEndian(bytes).ToString(CultureInfo.InvariantCulture),
        MultiaddressValue.Name => Encoding.Latin1.GetString(bytes) is var name && IsName(name) ? name : null,
        MultiaddressValue.PeerId => PeerId.TryFromBytes(bytes, out var id) ? id.ToString() : null,
        MultiaddressValue.CertHash => IsCertHash(bytes) ? "u" + Base64UrlText.Encode(bytes) : null,
        _ => null,
    };

    // Not IPAddress.Parse: it also takes "127.1", "0x7f.1" and numbers in base 8.
    private static byte[]? ToIPv4(string text)
    {
        var numbers = text.Split('.', count: 5);
        if (numbers.Length != 4)
        {
            return null;
        }

        var bytes = new byte[4];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (numbers[i] is ['0', _, ..] || !byte.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
            {
                return null;
            }
        }

        return bytes;
    }

    // IPAddress.TryParse also takes zones, brackets and ports.
    private static byte[]? ToIPv6(string text) =>
        text.Contains(':') && text.All(c => char.IsAsciiHexDigit(c) || c is ':' or '.') && IPAddress.TryParse(text, out var address)
            ? address.GetAddressBytes()
            : null;

    private static byte[]? ToPort(string text)
    {
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return null;
        }

        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, port);
        return bytes;
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameChars && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static byte[]? ToCertHash(string text) =>
        text is ['u', .. var digits] && Base64UrlText.TryDecode(digits, MaxCertHashBytes, out var bytes) && IsCertHash(bytes) ? bytes : null;

    private static bool IsCertHash(ReadOnlySpan<byte> bytes) => bytes.Length <= MaxCertHashBytes && Multihash.TryParse(bytes, out _, out _);
}
