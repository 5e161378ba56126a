namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// This side's lasting Noise key, and what it says about itself in each handshake: its identity has signed that key
/// (https://github.com/libp2p/specs/blob/master/noise/README.md, static key authentication). Safe for use by many threads.
/// </summary>
internal sealed class NoiseIdentity : IDisposable
{
    // A message carries 96 bytes of keys and tags besides.
    private const int MaxPayload = NoiseMessages.MaxLength - 96;

    private readonly byte[] _payload;

    /// <param name="staticKey">Belongs to this from now on.</param>
    /// <param name="payload">What its side says about itself.</param>
    public NoiseIdentity(X25519Key staticKey, HandshakePayload payload)
    {
        (StaticKey, Muxers, _payload) = (staticKey, payload.Muxers, payload.ToBytes());
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_payload.Length, MaxPayload, nameof(payload));
    }

    /// <summary>The key that is signed.</summary>
    public X25519Key StaticKey { get; }

    /// <summary>The multiplexers that this side offers within the handshake.</summary>
    public IReadOnlyList<string> Muxers { get; }

    /// <summary>The bytes of this side's <see cref="HandshakePayload"/>.</summary>
    public ReadOnlySpan<byte> Payload => _payload;

    private static ReadOnlySpan<byte> Purpose => "noise-libp2p-static-key:"u8;

    /// <summary>A new key, signed by an identity.</summary>
    /// <param name="muxers">What is offered within the handshake; none: multiplexers are agreed on after it.</param>
    public static NoiseIdentity Create(Identity identity, IReadOnlyList<string> muxers)
    {
        var key = X25519Key.Generate();
        return new(key, new(identity.PublicKeyMessage.ToArray(), identity.Sign(WhatIsSigned(key.PublicKey)), muxers));
    }

    /// <summary>Finds out whose a Noise key is.</summary>
    /// <param name="payload">What the other side says about itself.</param>
    /// <param name="staticKey">The other side's Noise key.</param>
    /// <exception cref="SwarmException"><c>handshake_failed</c>, <c>invalid_public_key</c></exception>
    public static PeerId Verify(HandshakePayload payload, ReadOnlySpan<byte> staticKey) =>
        PublicKeyMessage.Verify(payload.IdentityKey, WhatIsSigned(staticKey), payload.Signature)
            ? PeerId.FromPublicKeyMessage(payload.IdentityKey)
            : throw new SwarmException("handshake_failed", "Noise handshake: the other side's key is not signed by the identity that it claims.");

    public void Dispose() => StaticKey.Dispose();

    private static byte[] WhatIsSigned(ReadOnlySpan<byte> staticKey) => [.. Purpose, .. staticKey];
}
