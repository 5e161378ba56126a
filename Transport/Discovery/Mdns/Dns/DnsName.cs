using System.Text;

namespace ManagedSwarm.Transport.Discovery.Mdns.Dns;

/// <summary>
/// A name such as <c>_p2p._udp.local</c>: labels of 1 to 63 bytes, at most 255 bytes as they are sent (RFC 1035 §3.1). As case makes no
/// difference, it is kept in lower case.
/// </summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    public const int MaxBytes = 255;

    public const int MaxLabelBytes = 63;

    private readonly byte[] _bytes;

    private DnsName(byte[] bytes) => _bytes = bytes;

    /// <summary>The labels, each behind its length, and the root's, which is 0: what is sent where nothing is shortened.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The name without its first label; the root's is the root.</summary>
    public DnsName Parent => new(_bytes[(_bytes[0] == 0 ? 0 : _bytes[0] + 1)..]);

    /// <summary>The name of a text of this program: letters, digits, '-' and '_' with dots between labels.</summary>
    public static DnsName Parse(string text)
    {
        var bytes = new List<byte>(text.Length + 2);
        foreach (var label in text.Split('.'))
        {
            ArgumentOutOfRangeException.ThrowIfZero(label.Length, nameof(text));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(label.Length, MaxLabelBytes, nameof(text));
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        bytes.Add(0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Count, MaxBytes, nameof(text));
        return FromBytes([.. bytes]);
    }

    /// <summary>The name of <see cref="Bytes"/>.</summary>
    /// <param name="bytes">Labels that are known to be right; a copy of them is made.</param>
    public static DnsName FromBytes(ReadOnlySpan<byte> bytes)
    {
        var lower = bytes.ToArray();
        foreach (ref var value in lower.AsSpan())
        {
            // A length is less than any letter.
            value = value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
        }

        return new(lower);
    }

    public bool Equals(DnsName? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>For people: dots within labels look like those between them.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var at = 0; _bytes[at] != 0; at += _bytes[at] + 1)
        {
            text.Append(at == 0 ? "" : ".").Append(Encoding.Latin1.GetString(_bytes, at + 1, _bytes[at]));
        }

        return text.ToString();
    }
}
