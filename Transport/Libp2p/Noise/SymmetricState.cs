using System.Security.Cryptography;
using System.Text;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// What a handshake has agreed on so far: the hash of everything said, the chaining key, and the key made of them
/// (https://noiseprotocol.org/noise.html, section 5.2).
/// </summary>
internal sealed class SymmetricState : IDisposable
{
    private const int HashLength = SHA256.HashSizeInBytes;

    private readonly byte[] _hash = new byte[HashLength];
    private readonly byte[] _chainingKey = new byte[HashLength];
    private CipherState? _cipher;

    /// <param name="protocolName">At most 32 ASCII characters, so that no hash is needed.</param>
    public SymmetricState(string protocolName)
    {
        Encoding.ASCII.GetBytes(protocolName, _hash);
        _hash.CopyTo(_chainingKey, 0);
    }

    /// <summary>The hash of everything said so far; both sides have the same.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Bytes that <see cref="Encrypt"/> adds: none before the first key.</summary>
    public int TagLength => _cipher is null ? 0 : CipherState.TagLength;

    /// <summary>Takes what both sides know into the hash.</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_hash);
        hash.AppendData(data);
        hash.GetHashAndReset(_hash);
    }

    /// <summary>Takes a secret that both sides know into the key.</summary>
    public void MixKey(ReadOnlySpan<byte> secret)
    {
        Span<byte> key = stackalloc byte[HashLength];
        Derive(secret, _chainingKey, key);
        _cipher?.Dispose();
        _cipher = new(key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Seals in place what is said next.</summary>
    /// <param name="buffer">The text and behind it <see cref="TagLength"/> bytes of room.</param>
    public void Encrypt(Span<byte> buffer)
    {
        var text = buffer[..^TagLength];
        _cipher?.Seal(text, buffer[text.Length..], _hash);
        MixHash(buffer);
    }

    /// <summary>Opens in place what the other side said next.</summary>
    /// <param name="buffer">The text and behind it the tag, at least <see cref="TagLength"/> bytes.</param>
    /// <returns>False: the other side says it to somebody else, or not as it was sealed.</returns>
    public bool TryDecrypt(Span<byte> buffer)
    {
        // The hash takes the sealed bytes, but only after they were opened with the hash before them.
        Span<byte> before = stackalloc byte[HashLength];
        _hash.CopyTo(before);
        MixHash(buffer);
        var text = buffer[..^TagLength];
        return _cipher is null || _cipher.TryOpen(text, buffer[text.Length..], before);
    }

    /// <summary>The keys of the two directions.</summary>
    public (CipherState FromInitiator, CipherState FromResponder) Split()
    {
        Span<byte> first = stackalloc byte[HashLength];
        Span<byte> second = stackalloc byte[HashLength];
        Derive([], first, second);
        var ciphers = (new CipherState(first), new CipherState(second));
        CryptographicOperations.ZeroMemory(first);
        CryptographicOperations.ZeroMemory(second);
        return ciphers;
    }

    public void Dispose()
    {
        _cipher?.Dispose();
        CryptographicOperations.ZeroMemory(_chainingKey);
    }

    /// <summary>
    /// HKDF with two outputs (section 4.3). Written out, because .NET's refuses the empty input that <see cref="Split"/> has.
    /// </summary>
    private void Derive(ReadOnlySpan<byte> input, Span<byte> first, Span<byte> second)
    {
        Span<byte> extracted = stackalloc byte[HashLength];
        HMACSHA256.HashData(_chainingKey, input, extracted);
        HMACSHA256.HashData(extracted, [1], first);
        Span<byte> block = stackalloc byte[HashLength + 1];
        first.CopyTo(block);
        block[HashLength] = 2;
        HMACSHA256.HashData(extracted, block, second);
        CryptographicOperations.ZeroMemory(extracted);
        CryptographicOperations.ZeroMemory(block);
    }
}
