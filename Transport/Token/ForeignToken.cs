using System.Globalization;
using System.Text;

namespace ManagedSwarm.Transport.Token;

/// <summary>Knows what else people take for a token, so that they are told.</summary>
internal static class ForeignToken
{
    // LocalAI's have about 500.
    private const int MaxChars = 8192;

    private static readonly string[] YamlKeys = ["otp:", "rendezvous:", "room:"];

    /// <summary>What a text is that is no token of this version; null: nothing that is known.</summary>
    public static string? WhatIs(ReadOnlySpan<char> text) =>
        IsLocalAi(text)
            ? "it is a token of LocalAI (EdgeVPN), whose swarms ManagedSwarm does not speak to; "
                + "make one for ManagedSwarm with 'managedswarm token new'"
            : VersionOf(text) is { } version ? $"it is a token 'mswarm{version}:', made by a newer program; this one knows '{TokenText.Prefix}'"
            : null;

    // Base64 of YAML with these keys at the beginning of a line.
    private static bool IsLocalAi(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > MaxChars)
        {
            return false;
        }

        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64Chars(text, bytes, out var written))
        {
            return false;
        }

        var lines = Encoding.Latin1.GetString(bytes, 0, written).Split('\n');
        return lines.Any(line => YamlKeys.Any(key => line.StartsWith(key, StringComparison.Ordinal)));
    }

    private static int? VersionOf(ReadOnlySpan<char> text)
    {
        const string Name = "mswarm";
        var colon = text.IndexOf(':');
        return colon > Name.Length
            && text.StartsWith(Name, StringComparison.Ordinal)
            && int.TryParse(text[Name.Length..colon], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            && version > TokenFormat.Version ? version : null;
    }
}
