using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Transport.Http;

/// <summary>
/// Peers as host names of URIs, such as <c>http://k51qzi5uqu5d….peer/v1/models</c>. A peer id's usual text (12D3KooW…) cannot be one, as
/// URIs put host names in lower case; and in base 32, the longest label that a host name may have is too short for it. So a name is the
/// peer id as a CID in base 36, which is what IPFS's gateways do for the same reason.
/// </summary>
/// <remarks>
/// <code>
/// name = label ".peer"
/// label = "k" base36, lower case, of: 01 (CID, version 1), 72 (libp2p-key), the peer id's multihash
/// </code>
/// https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md (string representation),
/// https://github.com/multiformats/multibase (base36). The suffix is no domain: nothing asks DNS for it.
/// </remarks>
public static class PeerHost
{
    /// <summary>What the host names of peers end with.</summary>
    public const string Suffix = ".peer";

    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyz";
    private const char Base36 = 'k';
    private const byte CidVersion = 0x01;
    private const byte Libp2pKey = 0x72;

    /// <summary>The longest label of a host name (RFC 1035, 2.3.4). An Ed25519 key's takes 62.</summary>
    private const int MaxLabel = 63;

    /// <summary>A peer as the base address of an HttpClient, <c>http://k51qzi5uqu5d….peer/</c>.</summary>
    /// <inheritdoc cref="Encode"/>
    public static Uri UriOf(PeerId peer) => new($"{Uri.UriSchemeHttp}://{Encode(peer)}/");

    /// <summary>The host name of a peer.</summary>
    /// <exception cref="ArgumentException">
    /// The id is too long for a host name. Those of Ed25519 keys, which all of ours are, and of hashed keys are not.
    /// </exception>
    public static string Encode(PeerId peer)
    {
        var number = new BigInteger([CidVersion, Libp2pKey, .. peer.Bytes.Span], isUnsigned: true, isBigEndian: true);
        Span<char> label = stackalloc char[MaxLabel];
        var start = label.Length;
        for (; !number.IsZero; number /= Digits.Length)
        {
            // One character is left for the base's own.
            if (start == 1)
            {
                throw new ArgumentException($"the peer id {peer} is longer than a host name can say", nameof(peer));
            }

            label[--start] = Digits[(int)(number % Digits.Length)];
        }

        label[--start] = Base36;
        return string.Concat(label[start..], Suffix);
    }

    /// <summary>The peer that a host name means.</summary>
    /// <param name="host">In any case of letters, as host names are.</param>
    /// <param name="peer">The peer.</param>
    public static bool TryDecode(string host, [NotNullWhen(true)] out PeerId? peer)
    {
        peer = null;
        if (!host.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var label = host.AsSpan(0, host.Length - Suffix.Length);
        return label.Length is > 1 and <= MaxLabel
            && char.ToLowerInvariant(label[0]) == Base36
            && TryReadNumber(label[1..], out var number)
            && number.ToByteArray(isUnsigned: true, isBigEndian: true) is [CidVersion, Libp2pKey, .. var multihash]
            && PeerId.TryFromBytes(multihash, out peer);
    }

    private static bool TryReadNumber(ReadOnlySpan<char> text, out BigInteger number)
    {
        number = BigInteger.Zero;
        foreach (var character in text)
        {
            var digit = Digits.IndexOf(char.ToLowerInvariant(character), StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            number = number * Digits.Length + digit;
        }

        return true;
    }
}
