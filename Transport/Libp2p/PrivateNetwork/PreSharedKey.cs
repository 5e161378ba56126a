using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Libp2p.PrivateNetwork;

/// <summary>
/// The key that all members of a private network share (https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md).
/// Prints as <c>***</c>.
/// </summary>
internal sealed class PreSharedKey
{
    private readonly byte[] _bytes;

    /// <param name="bytes">32 bytes.</param>
    public PreSharedKey(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length, XSalsa20.KeyLength);
        _bytes = bytes.ToArray();
    }

    /// <summary>A new key.</summary>
    public static PreSharedKey Generate()
    {
        Span<byte> bytes = stackalloc byte[XSalsa20.KeyLength];
        RandomNumberGenerator.Fill(bytes);
        return new(bytes);
    }

    /// <summary>The cipher of one direction of one connection.</summary>
    /// <param name="nonce">The 24 bytes that this direction begins with.</param>
    public XSalsa20 CreateCipher(ReadOnlySpan<byte> nonce) => new(_bytes, nonce);

    public override string ToString() => "***";
}
