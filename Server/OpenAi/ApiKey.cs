using System.Security.Cryptography;
using System.Text;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>An API key. It is kept as its SHA-256 only, and prints as <c>***</c>.</summary>
internal sealed class ApiKey
{
    private readonly byte[] _hash;

    /// <param name="text">The key; not empty.</param>
    public ApiKey(string text) => _hash = Hash(text);

    /// <summary>
    /// Whether <paramref name="presented"/> is one of <paramref name="keys"/>. Takes the same time wherever a difference is, and looks
    /// at every key, so that the time tells nothing about any of them; hashing hides their lengths.
    /// </summary>
    public static bool MatchesAny(IReadOnlyList<ApiKey> keys, string presented)
    {
        var hash = Hash(presented);
        var found = false;
        foreach (var key in keys)
        {
            found |= CryptographicOperations.FixedTimeEquals(hash, key._hash);
        }

        return found;
    }

    public override string ToString() => "***";

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
