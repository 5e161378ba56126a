using System.Security.Cryptography;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>The handshake <c>Noise_XX_25519_ChaChaPoly_SHA256</c> without any I/O (https://noiseprotocol.org/noise.html, sections 5.3 and 7.5).</summary>
/// <remarks>
/// <code>
/// XX:
///   -> e
///   &lt;- e, ee, s, es
///   -> s, se
/// </code>
/// </remarks>
internal sealed class XxHandshake : IDisposable
{
    private const string ProtocolName = "Noise_XX_25519_ChaChaPoly_SHA256";

    private static readonly Token[][] Messages = [[Token.E], [Token.E, Token.EE, Token.S, Token.ES], [Token.S, Token.SE]];

    private readonly bool _isInitiator;
    private readonly X25519Key _static;
    private readonly X25519Key _ephemeral;
    private readonly byte[] _remoteStatic = new byte[X25519Key.Length];
    private readonly byte[] _remoteEphemeral = new byte[X25519Key.Length];
    private readonly SymmetricState _state = new(ProtocolName);
    private int _message;

    /// <param name="isInitiator">Whether this side speaks first.</param>
    /// <param name="staticKey">This side's lasting key; stays the caller's.</param>
    /// <param name="prologue">What both sides must know beforehand, maybe nothing.</param>
    /// <param name="ephemeral">The key of this handshake alone; for tests, otherwise a new one.</param>
    public XxHandshake(bool isInitiator, X25519Key staticKey, ReadOnlySpan<byte> prologue, X25519Key? ephemeral = null)
    {
        (_isInitiator, _static, _ephemeral) = (isInitiator, staticKey, ephemeral ?? X25519Key.Generate());
        _state.MixHash(prologue);
    }

    private enum Token
    {
        E,
        S,
        EE,
        ES,
        SE,
    }

    /// <summary>Whether all three messages are said.</summary>
    public bool IsComplete => _message == Messages.Length;

    /// <summary>Whether this side says the next message.</summary>
    public bool IsWriting => !IsComplete && (_message % 2 == 0) == _isInitiator;

    /// <summary>The other side's lasting key, once it has come.</summary>
    public ReadOnlySpan<byte> RemoteStatic => _remoteStatic;

    /// <summary>The hash of everything said so far.</summary>
    public ReadOnlySpan<byte> Hash => _state.Hash;

    /// <summary>Says the next message.</summary>
    /// <param name="payload">What it carries; readable by everybody in message 1, and by anybody who dials in message 2.</param>
    /// <param name="destination">At least 96 bytes more than the payload.</param>
    /// <returns>How many bytes it has.</returns>
    /// <exception cref="SwarmException"><c>handshake_failed</c></exception>
    public int WriteMessage(ReadOnlySpan<byte> payload, Span<byte> destination)
    {
        var rest = destination;
        foreach (var token in Messages[_message])
        {
            if (token == Token.E)
            {
                _ephemeral.PublicKey.CopyTo(rest);
                _state.MixHash(_ephemeral.PublicKey);
                rest = rest[X25519Key.Length..];
            }
            else if (token == Token.S)
            {
                rest = Encrypt(_static.PublicKey, rest);
            }
            else
            {
                MixKey(token);
            }
        }

        rest = Encrypt(payload, rest);
        _message++;
        return destination.Length - rest.Length;
    }

    /// <summary>Hears the next message.</summary>
    /// <param name="message">The whole message; opened in place.</param>
    /// <returns>What it carries.</returns>
    /// <exception cref="SwarmException"><c>handshake_failed</c>; the handshake is over.</exception>
    public ReadOnlySpan<byte> ReadMessage(Span<byte> message)
    {
        var rest = message;
        foreach (var token in Messages[_message])
        {
            if (token == Token.E)
            {
                Take(ref rest, X25519Key.Length, message.Length).CopyTo(_remoteEphemeral);
                _state.MixHash(_remoteEphemeral);
            }
            else if (token == Token.S)
            {
                Decrypt(Take(ref rest, X25519Key.Length + _state.TagLength, message.Length)).CopyTo(_remoteStatic);
            }
            else
            {
                MixKey(token);
            }
        }

        if (rest.Length < _state.TagLength)
        {
            throw TooShort(message.Length);
        }

        var payload = Decrypt(rest);
        _message++;
        return payload;
    }

    /// <summary>The keys of the two directions, once all is said.</summary>
    public (CipherState Send, CipherState Receive) Split()
    {
        var (fromInitiator, fromResponder) = _state.Split();
        return _isInitiator ? (fromInitiator, fromResponder) : (fromResponder, fromInitiator);
    }

    public void Dispose()
    {
        _ephemeral.Dispose();
        _state.Dispose();
    }

    /// <summary>The first letter is the initiator's key, the second one the responder's.</summary>
    private void MixKey(Token token)
    {
        var isMineStatic = token == (_isInitiator ? Token.SE : Token.ES);
        var isTheirsStatic = token == (_isInitiator ? Token.ES : Token.SE);
        Span<byte> secret = stackalloc byte[X25519Key.Length];
        if (!(isMineStatic ? _static : _ephemeral).TryAgree(isTheirsStatic ? _remoteStatic : _remoteEphemeral, secret))
        {
            throw Failed("has a key that makes no secret");
        }

        _state.MixKey(secret);
        CryptographicOperations.ZeroMemory(secret);
    }

    private Span<byte> Encrypt(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        var length = text.Length + _state.TagLength;
        _state.Encrypt(destination[..length]);
        return destination[length..];
    }

    private Span<byte> Decrypt(Span<byte> text)
    {
        var length = text.Length - _state.TagLength;
        return _state.TryDecrypt(text)
            ? text[..length]
            : throw Failed("does not open: it was changed on its way, or the other side does not know what this side knows");
    }

    private Span<byte> Take(ref Span<byte> rest, int count, int messageLength)
    {
        if (rest.Length < count)
        {
            throw TooShort(messageLength);
        }

        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }

    private SwarmException TooShort(int length) => Failed($"is too short with {length} bytes");

    private SwarmException Failed(string what) => new("handshake_failed", $"Noise handshake: message {_message + 1} {what}.");
}
