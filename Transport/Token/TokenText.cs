using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Token;

/// <summary>
/// The text of a token: a prefix and base64url (RFC 4648, section 5, without padding) of its bytes and then the first four bytes of their
/// SHA-256. Errors never quote the text: what is nearly a token is nearly a secret.
/// </summary>
internal static class TokenText
{
    public const string Prefix = "mswarm1:";

    // Catches all but one in four billion damaged copies.
    private const int ChecksumBytes = 4;

    private const int MaxBytes = TokenFormat.MaxBytes + ChecksumBytes;

    /// <summary>The text of a token's bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        byte[] all = [.. bytes, .. Checksum(bytes)];
        var text = Prefix + Base64UrlText.Encode(all);
        CryptographicOperations.ZeroMemory(all);
        return text;
    }

    /// <summary>The bytes of a token's text.</summary>
    /// <param name="text">White space around it is ignored.</param>
    /// <exception cref="SwarmException"><c>invalid_token</c></exception>
    public static byte[] Decode(string text)
    {
        var trimmed = text.AsSpan().Trim();
        CheckPrefix(trimmed);
        if (trimmed.Length < CharsOf(TokenFormat.MinBytes))
        {
            throw SwarmToken.Invalid($"it is too short: {trimmed.Length} characters, expected at least {CharsOf(TokenFormat.MinBytes)}");
        }

        var bytes = DecodeDigits(trimmed[Prefix.Length..]);
        var fields = bytes.AsSpan(0, bytes.Length - ChecksumBytes);
        return CryptographicOperations.FixedTimeEquals(Checksum(fields), bytes.AsSpan(fields.Length))
            ? fields.ToArray()
            : throw Changed();
    }

    private static void CheckPrefix(ReadOnlySpan<char> text)
    {
        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return;
        }

        if (ForeignToken.WhatIs(text) is { } what)
        {
            throw SwarmToken.Invalid(what);
        }

        throw SwarmToken.Invalid(text.IsEmpty ? "it is empty" : $"it does not begin with '{Prefix}'");
    }

    private static byte[] DecodeDigits(ReadOnlySpan<char> digits)
    {
        if (digits.Length > Base64UrlText.LengthOf(MaxBytes))
        {
            throw SwarmToken.Invalid(
                $"it is too long: {Prefix.Length + digits.Length} characters, allowed are {CharsOf(TokenFormat.MaxBytes)}");
        }

        if (Base64UrlText.IndexOfForeign(digits) is var foreign and >= 0)
        {
            throw SwarmToken.Invalid($"character {Prefix.Length + foreign + 1} is none of A-Z, a-z, 0-9, '-' and '_'");
        }

        return Base64UrlText.TryDecode(digits, MaxBytes, out var bytes) ? bytes : throw Changed();
    }

    private static SwarmException Changed() => SwarmToken.Invalid("a character was lost or changed; copy it again, all of it");

    private static ReadOnlySpan<byte> Checksum(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes).AsSpan(0, ChecksumBytes);

    private static int CharsOf(int bytes) => Prefix.Length + Base64UrlText.LengthOf(bytes + ChecksumBytes);
}
