using System.Buffers;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// Takes addresses apart: text <c>("/" name ["/" value])+</c>, binary <c>(varint(code) [[varint(length)] value])+</c>
/// (<see href="https://github.com/multiformats/multiaddr">multiaddr</see>). What is wrong is returned rather than thrown: foreign
/// addresses with unknown protocols are an everyday sight.
/// </summary>
internal static class MultiaddressParser
{
    /// <summary>Of the binary form. A relayed address with certificates has about 250.</summary>
    public const int MaxBytes = 1024;

    private const int MaxChars = 2048;

    // A relayed address has about ten.
    private const int MaxParts = 20;

    /// <summary>Parses the text form.</summary>
    /// <returns>What is wrong; null: nothing, and <paramref name="parts"/> are all of them.</returns>
    public static string? Parse(string text, List<MultiaddressPart> parts)
    {
        if (text.Length > MaxChars)
        {
            return $"it has {text.Length} characters, allowed are {MaxChars}";
        }

        if (text is not ['/', _, ..])
        {
            return "expected '/', a protocol, '/', its value and so on, such as /ip4/192.0.2.1/tcp/4001";
        }

        var words = text.Split('/');
        for (var i = 1; i < words.Length;)
        {
            var error = ParsePart(words, ref i, parts);
            if (error is not null)
            {
                return $"part {parts.Count + 1}: {error}";
            }
        }

        return CheckLength(parts.Sum(part => part.Length));
    }

    /// <summary>What is wrong with a number of bytes; null: nothing.</summary>
    public static string? CheckLength(int bytes) =>
        bytes is 0 or > MaxBytes ? $"it has {bytes} bytes, allowed are 1 to {MaxBytes}" : null;

    /// <summary>Parses the binary form.</summary>
    /// <param name="bytes">As many as <see cref="CheckLength"/> allows.</param>
    /// <param name="parts">Where they go.</param>
    /// <returns>What is wrong; null: nothing, and <paramref name="parts"/> are all of them.</returns>
    public static string? Parse(ReadOnlyMemory<byte> bytes, List<MultiaddressPart> parts)
    {
        var rest = bytes;
        while (!rest.IsEmpty)
        {
            var error = ParsePart(ref rest, parts);
            if (error is not null)
            {
                return $"part {parts.Count + 1} (before byte {bytes.Length - rest.Length}): {error}";
            }
        }

        return null;
    }

    private static string? ParsePart(string[] words, ref int i, List<MultiaddressPart> parts)
    {
        var name = words[i++];
        if (MultiaddressProtocol.Find(name) is not { } protocol)
        {
            return name == "ip6zone" ? "zones are not supported: they have no meaning on another machine" : $"unknown protocol '{Excerpt.Of(name)}'";
        }

        if (protocol.Value == MultiaddressValue.None)
        {
            return Add(parts, new(protocol, default, null));
        }

        if (i == words.Length)
        {
            return $"'{name}' lacks its value: expected {MultiaddressText.Expected(protocol.Value)}";
        }

        var text = words[i++];
        if (MultiaddressText.ToBytes(protocol.Value, text) is not { } value)
        {
            return $"'{name}' of '{Excerpt.Of(text)}': expected {MultiaddressText.Expected(protocol.Value)}";
        }

        // The text that others would write for the same bytes.
        return Add(parts, new(protocol, value, MultiaddressText.FromBytes(protocol.Value, value)));
    }

    private static string? ParsePart(ref ReadOnlyMemory<byte> rest, List<MultiaddressPart> parts)
    {
        if (!TryTakeNumber(ref rest, out var code))
        {
            return "a protocol's number is cut off or not in its shortest form";
        }

        if (MultiaddressProtocol.Find(code) is not { } protocol)
        {
            return $"unknown protocol {code}";
        }

        var length = (ulong)(protocol.FixedBytes ?? 0);
        if (protocol.FixedBytes is null && !TryTakeNumber(ref rest, out length))
        {
            return $"the length of '{protocol.Name}' is cut off or not in its shortest form";
        }

        if (length > (ulong)rest.Length)
        {
            return $"'{protocol.Name}' has {length} bytes, {rest.Length} are left";
        }

        var value = rest[..(int)length];
        rest = rest[(int)length..];
        if (MultiaddressText.FromBytes(protocol.Value, value.Span) is not { } text)
        {
            return $"'{protocol.Name}' of {length} bytes: expected {MultiaddressText.Expected(protocol.Value)}";
        }

        return Add(parts, new(protocol, value, protocol.Value == MultiaddressValue.None ? null : text));
    }

    private static bool TryTakeNumber(ref ReadOnlyMemory<byte> rest, out ulong number)
    {
        var done = Varint.TryRead(rest.Span, out number, out var length) == OperationStatus.Done;
        rest = rest[length..];
        return done;
    }

    private static string? Add(List<MultiaddressPart> parts, MultiaddressPart part)
    {
        if (parts.Count == MaxParts)
        {
            return $"allowed are {MaxParts}";
        }

        parts.Add(part);
        return null;
    }
}
