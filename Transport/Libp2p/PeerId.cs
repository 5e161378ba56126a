using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>
/// Who a peer is: the multihash of its public key (libp2p's
/// <see href="https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md">peer-ids</see>). Two are equal where their bytes are.
/// </summary>
public sealed class PeerId : IEquatable<PeerId>
{
    /// <summary>The longest public key that stands in its peer id as it is; of longer ones the SHA-256 does.</summary>
    internal const int MaxInlineKeyBytes = 42;

    internal const int MaxBytes = MaxInlineKeyBytes + 2;

    private const int Sha256Bytes = 32;

    // A CID of version 1 with the multicodec "libp2p-key".
    private static readonly byte[] CidHead = [0x01, 0x72];

    private readonly byte[] _bytes;
    private readonly int _hashCode;
    private string? _text;

    private PeerId(byte[] bytes)
    {
        _bytes = bytes;
        var hash = new HashCode();
        hash.AddBytes(bytes);
        _hashCode = hash.ToHashCode();
    }

    /// <summary>The multihash.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The public key as libp2p's protobuf message, where the peer id holds it; otherwise empty.</summary>
    internal ReadOnlySpan<byte> InlineKey =>
        Multihash.TryParse(_bytes, out var function, out var key) && function == Multihash.Identity ? key : default;

    public static bool operator ==(PeerId? left, PeerId? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(PeerId? left, PeerId? right) => !(left == right);

    /// <summary>The peer that has a public key.</summary>
    /// <param name="message">The key as libp2p's protobuf message <c>PublicKey</c>, in any of its types.</param>
    /// <exception cref="SwarmException"><c>invalid_peer_id</c>: it is empty.</exception>
    public static PeerId FromPublicKeyMessage(ReadOnlySpan<byte> message) => message.Length switch
    {
        0 => throw new SwarmException("invalid_peer_id", "a peer's public key has no bytes"),
        <= MaxInlineKeyBytes => new(Multihash.Wrap(Multihash.Identity, message)),
        _ => new(Multihash.OfSha256(message)),
    };

    /// <summary>The peer of a multihash.</summary>
    /// <exception cref="SwarmException"><c>invalid_peer_id</c>: it is not one of a public key.</exception>
    public static PeerId FromBytes(ReadOnlySpan<byte> multihash) => TryFromBytes(multihash, out var id)
        ? id
        : throw new SwarmException(
            "invalid_peer_id",
            $"a peer id of {multihash.Length} bytes: expected a multihash, either a public key of 1 to {MaxInlineKeyBytes} bytes as it is "
            + "or a SHA-256");

    /// <summary>
    /// Parses <c>12D3KooW…</c>, <c>Qm…</c> (base58btc of the multihash) or <c>bafz…</c> (a CID with codec libp2p-key, in base32).
    /// </summary>
    /// <exception cref="SwarmException"><c>invalid_peer_id</c></exception>
    public static PeerId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new SwarmException(
            "invalid_peer_id",
            $"'{Excerpt.Of(text)}' is no peer id: expected base58 such as 12D3KooW... or Qm..., or base32 such as bafz...");

    /// <inheritdoc cref="Parse"/>
    /// <returns>False: it is neither.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PeerId? id)
    {
        id = null;
        return text switch
        {
            ['b', .. var digits] => Base32.TryDecode(digits, MaxBytes + CidHead.Length, out var cid)
                && cid.AsSpan().StartsWith(CidHead)
                && TryFromBytes(cid.AsSpan(CidHead.Length), out id),
            // Whatever else a text begins with, base58 of a multihash of these two functions begins with one of these.
            ['1', ..] or ['Q', 'm', ..] => Base58.TryDecode(text, MaxBytes, out var bytes) && TryFromBytes(bytes, out id),
            _ => false,
        };
    }

    public bool Equals(PeerId? other) =>
        ReferenceEquals(this, other) || (other is not null && _hashCode == other._hashCode && _bytes.AsSpan().SequenceEqual(other._bytes));

    public override bool Equals(object? obj) => Equals(obj as PeerId);

    public override int GetHashCode() => _hashCode;

    /// <summary>The multihash in base58btc.</summary>
    public override string ToString() => _text ??= Base58.Encode(_bytes);

    internal static bool TryFromBytes(ReadOnlySpan<byte> multihash, [NotNullWhen(true)] out PeerId? id)
    {
        id = Multihash.TryParse(multihash, out var function, out var digest) && IsAllowed(function, digest.Length)
            ? new PeerId(multihash.ToArray())
            : null;
        return id is not null;
    }

    private static bool IsAllowed(ulong function, int length) => function switch
    {
        Multihash.Identity => length is > 0 and <= MaxInlineKeyBytes,
        Multihash.Sha256 => length == Sha256Bytes,
        _ => false,
    };
}
