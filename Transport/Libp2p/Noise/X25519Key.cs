using NSec.Cryptography;

namespace ManagedSwarm.Transport.Libp2p.Noise;

/// <summary>
/// A key pair of the Diffie-Hellman function X25519 (RFC 7748). The only place that knows where X25519 comes from. Safe for use by many
/// threads.
/// </summary>
internal sealed class X25519Key : IDisposable
{
    /// <summary>Bytes of a public key, a private key and a shared secret.</summary>
    public const int Length = 32;

    private readonly Key _key;
    private readonly byte[] _publicKey;

    private X25519Key(Key key)
    {
        _key = key;
        _publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>The public half.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>A new key pair.</summary>
    public static X25519Key Generate() => new(Key.Create(KeyAgreementAlgorithm.X25519));

    /// <summary>The key pair of a private key.</summary>
    /// <param name="privateKey">32 bytes.</param>
    public static X25519Key Import(ReadOnlySpan<byte> privateKey) =>
        new(Key.Import(KeyAgreementAlgorithm.X25519, privateKey, KeyBlobFormat.RawPrivateKey));

    /// <summary>What both sides can compute and nobody else.</summary>
    /// <param name="publicKey">The other side's 32 bytes.</param>
    /// <param name="secret">32 bytes.</param>
    /// <returns>False: the other side's key is one of the few that lead everybody to the same secret, all zeros.</returns>
    public bool TryAgree(ReadOnlySpan<byte> publicKey, Span<byte> secret)
    {
        var export = new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving };
        if (!NSec.Cryptography.PublicKey.TryImport(KeyAgreementAlgorithm.X25519, publicKey, KeyBlobFormat.RawPublicKey, out var other) || other is null)
        {
            return false;
        }

        using var shared = KeyAgreementAlgorithm.X25519.Agree(_key, other, export);
        return shared is not null
            && shared.TryExport(SharedSecretBlobFormat.RawSharedSecret, secret, out var count)
            && count == Length
            && secret[..Length].ContainsAnyExcept((byte)0);
    }

    public void Dispose() => _key.Dispose();
}
