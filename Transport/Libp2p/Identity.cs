using System.Security.Cryptography;
using NSec.Cryptography;

namespace ManagedSwarm.Transport.Libp2p;

/// <summary>This peer's Ed25519 key, by which it proves who it is. The private half never leaves it but into its file.</summary>
public sealed class Identity : IDisposable
{
    private readonly Key _key;
    private readonly byte[] _publicKeyMessage;

    private Identity(Key key)
    {
        _key = key;
        _publicKeyMessage = Libp2p.PublicKeyMessage.Create(key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        PeerId = PeerId.FromPublicKeyMessage(_publicKeyMessage);
    }

    /// <summary>Who it is.</summary>
    public PeerId PeerId { get; }

    /// <summary>The public key as libp2p's protobuf message <c>PublicKey</c>: <c>08 01 12 20</c> and 32 bytes.</summary>
    public ReadOnlyMemory<byte> PublicKeyMessage => _publicKeyMessage;

    // A file needs the seed; nothing else asks for it.
    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    /// <summary>A new one that nobody has had before.</summary>
    public static Identity Generate() => new(Key.Create(SignatureAlgorithm.Ed25519, Exportable));

    /// <summary>
    /// The one of a file: libp2p's protobuf message <c>PrivateKey</c>. Where there is no file, a new one is generated and kept there,
    /// readable by its owner only; the folder is made too.
    /// </summary>
    /// <exception cref="SwarmException">
    /// <c>invalid_identity</c>: the file is damaged, can be read by others than its owner, or cannot be read or written.
    /// </exception>
    public static Identity LoadOrCreate(string path) => IdentityFile.LoadOrCreate(path);

    /// <summary>Signs a message.</summary>
    /// <returns>64 bytes; always the same for the same message.</returns>
    public byte[] Sign(ReadOnlySpan<byte> message) => SignatureAlgorithm.Ed25519.Sign(_key, message);

    public void Dispose() => _key.Dispose();

    /// <summary>The one of a key's 32 secret bytes (RFC 8032's private key).</summary>
    internal static Identity FromSeed(ReadOnlySpan<byte> seed)
    {
        var parameters = Exportable;
        return new(Key.Import(SignatureAlgorithm.Ed25519, seed, KeyBlobFormat.RawPrivateKey, in parameters));
    }

    /// <summary>Hands out the 32 secret bytes, and wipes them afterwards.</summary>
    internal void UseSeed(Action<ReadOnlySpan<byte>> use)
    {
        var seed = _key.Export(KeyBlobFormat.RawPrivateKey);
        try
        {
            use(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }
}
