using System.Security.Cryptography;
using System.Text;
using NSec.Cryptography;

namespace ManagedSwarm.Transport.Token;

/// <summary>
/// A network's id from its name, and its root from a phrase: the same on every machine, and dear to guess (Argon2id, RFC 9106).
/// Texts count as their UTF-8 bytes, neither trimmed nor normalized.
/// </summary>
internal static class PassphraseRoot
{
    /// <summary>Fewer are guessed however dear a guess is.</summary>
    public const int MinPhraseChars = 12;

    private const int MaxPhraseChars = 1024;
    private const int MaxNameChars = 128;
    private const string NamePrefix = "managedswarm/1/network-name/";

    // 256 MiB and three passes take about a second, once per token: RFC 9106's second choice with four times its memory, on the one lane
    // that libsodium has. They are part of the format: other numbers would be another network.
    private static readonly Argon2Parameters Parameters = new()
    {
        MemorySize = 256 * 1024,
        NumberOfPasses = 3,
        DegreeOfParallelism = 1,
    };

    /// <summary>The id of a network that has a name: the first half of a SHA-256.</summary>
    /// <exception cref="SwarmException"><c>invalid_network_name</c></exception>
    public static byte[] NetworkIdOf(string name)
    {
        CheckName(name);
        return SHA256.HashData(Encoding.UTF8.GetBytes(NamePrefix + name))[..TokenFormat.NetworkIdBytes];
    }

    /// <summary>Sees to it that a network, or a part of one, has a name that can be.</summary>
    /// <exception cref="SwarmException"><c>invalid_network_name</c></exception>
    public static void CheckName(string name)
    {
        if (name.Length is 0 or > MaxNameChars || name.Any(char.IsControl))
        {
            throw new SwarmException(
                "invalid_network_name",
                $"a network's name has {name.Length} characters: expected 1 to {MaxNameChars}, none of them a control character");
        }
    }

    /// <summary>The root of a phrase in a network.</summary>
    /// <exception cref="SwarmException"><c>invalid_passphrase</c></exception>
    public static byte[] Derive(string passphrase, ReadOnlySpan<byte> networkId)
    {
        if (passphrase.Length is < MinPhraseChars or > MaxPhraseChars)
        {
            throw new SwarmException(
                "invalid_passphrase", $"a pass-phrase of {passphrase.Length} characters: expected {MinPhraseChars} to {MaxPhraseChars}");
        }

        var bytes = Encoding.UTF8.GetBytes(passphrase);
        try
        {
            return PasswordBasedKeyDerivationAlgorithm.Argon2id(in Parameters).DeriveBytes(bytes, networkId, TokenFormat.RootBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
