using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// One direction's cipher: ChaCha20-Poly1305 with the message's number as nonce (https://noiseprotocol.org/noise.html, sections 5.1 and
/// 12.3: four zero bytes, then the number as 64 bits little-endian).
/// </summary>
internal sealed class CipherState : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyLength = 32;

    /// <summary>Bytes that sealing adds.</summary>
    public const int TagLength = 16;

    private readonly ChaCha20Poly1305 _cipher;
    private ulong _number;

    /// <param name="key">32 bytes.</param>
    /// <param name="firstNumber">The first message's number.</param>
    public CipherState(ReadOnlySpan<byte> key, ulong firstNumber = 0) => (_cipher, _number) = (new(key), firstNumber);

    /// <summary>Seals bytes in place.</summary>
    /// <param name="text">What is sealed.</param>
    /// <param name="tag">16 bytes that prove it whole.</param>
    /// <param name="associated">What the tag proves as well.</param>
    /// <exception cref="SwarmException"><c>connection_lost</c>: all message numbers are used up.</exception>
    public void Seal(Span<byte> text, Span<byte> tag, ReadOnlySpan<byte> associated = default)
    {
        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce);
        _cipher.Encrypt(nonce, text, text, tag, associated);
        _number++;
    }

    /// <summary>Opens bytes in place.</summary>
    /// <returns>False: they are not what was sealed, and are of no use now.</returns>
    /// <exception cref="SwarmException"><c>connection_lost</c>: all message numbers are used up.</exception>
    public bool TryOpen(Span<byte> text, ReadOnlySpan<byte> tag, ReadOnlySpan<byte> associated = default)
    {
        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce);
        try
        {
            _cipher.Decrypt(nonce, text, tag, text, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        _number++;
        return true;
    }

    public void Dispose() => _cipher.Dispose();

    private void WriteNonce(Span<byte> nonce)
    {
        // The last number is reserved (section 5.1).
        if (_number == ulong.MaxValue)
        {
            throw new SwarmException("connection_lost", "The connection has used up its message numbers; a new one is needed.");
        }

        nonce.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], _number);
    }
}
