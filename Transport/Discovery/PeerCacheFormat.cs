using System.Buffers;
using System.Security.Cryptography;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Libp2p.Wire;

namespace ManagedSwarm.Transport.Discovery;

/// <summary>The bytes of a peer cache: whoever gets hold of the file without the token learns nobody's address from it.</summary>
/// <remarks>
/// <code>
/// 8   "mswpeer" and the format's version, 1; authenticated as well
/// 12  nonce, random
/// n   AES-256-GCM of: 1 peer* { 1 id, 2 address* }   (protobuf; newest first)
/// 16  its tag
/// </code>
/// </remarks>
/// <param name="key">32 bytes.</param>
internal sealed class PeerCacheFormat(ReadOnlyMemory<byte> key)
{
    /// <summary>Peers of a file.</summary>
    public const int MaxPeers = 256;

    /// <summary>Addresses of one peer.</summary>
    public const int MaxAddresses = 8;

    /// <summary>Bytes of a file, more than peers can have whose addresses are as long as addresses are.</summary>
    public const int MaxBytes = 512 << 10;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static ReadOnlySpan<byte> Head => "mswpeer\u0001"u8;

    /// <summary>The file of some peers.</summary>
    public byte[] Write(IReadOnlyList<CachedPeer> peers)
    {
        var plain = WritePeers(peers);
        var file = new byte[Head.Length + NonceBytes + plain.Length + TagBytes];
        Head.CopyTo(file);
        var nonce = file.AsSpan(Head.Length, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Span, TagBytes);
        aes.Encrypt(nonce, plain, file.AsSpan(Head.Length + NonceBytes, plain.Length), file.AsSpan(file.Length - TagBytes), Head);
        return file;
    }

    /// <summary>The peers of a file.</summary>
    /// <exception cref="SwarmException"><c>invalid_peer_cache</c>: it is damaged, another network's, or a later version's.</exception>
    public IReadOnlyList<CachedPeer> Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < Head.Length + NonceBytes + TagBytes || !file.StartsWith(Head))
        {
            throw Invalid("it does not begin as one of this version does");
        }

        var nonce = file.Slice(Head.Length, NonceBytes);
        var sealedBytes = file[(Head.Length + NonceBytes)..^TagBytes];
        var plain = new byte[sealedBytes.Length];
        try
        {
            using var aes = new AesGcm(key.Span, TagBytes);
            aes.Decrypt(nonce, sealedBytes, file[^TagBytes..], plain, Head);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Invalid("it is damaged, or belongs to another swarm");
        }

        return ReadPeers(plain);
    }

    /// <exception cref="SwarmException"><c>invalid_message</c>, <c>invalid_peer_id</c></exception>
    internal static IReadOnlyList<CachedPeer> ReadPeers(ReadOnlySpan<byte> message)
    {
        List<CachedPeer> peers = [];
        var reader = new ProtobufReader(message, "peer cache");
        while (peers.Count < MaxPeers && reader.MoveNext())
        {
            if (reader.Field == 1 && ReadPeer(reader.Bytes()) is { } peer)
            {
                peers.Add(peer);
            }
        }

        return peers;
    }

    internal static byte[] WritePeers(IReadOnlyList<CachedPeer> peers)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new ProtobufWriter(output);
        var one = new ArrayBufferWriter<byte>();
        foreach (var peer in peers.Take(MaxPeers))
        {
            one.ResetWrittenCount();
            var fields = new ProtobufWriter(one);
            fields.WriteBytes(1, peer.Id.Bytes.Span);
            foreach (var address in peer.Addresses.Take(MaxAddresses))
            {
                fields.WriteBytes(2, address.Bytes.Span);
            }

            if (output.WrittenCount + one.WrittenCount > MaxBytes - 64)
            {
                break;
            }

            writer.WriteBytes(1, one.WrittenSpan);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>One peer; null: it names no address that is known here.</summary>
    private static CachedPeer? ReadPeer(ReadOnlySpan<byte> message)
    {
        PeerId? id = null;
        List<Multiaddress> addresses = [];
        var reader = new ProtobufReader(message, "peer of a peer cache");
        while (reader.MoveNext())
        {
            if (reader.Field == 1)
            {
                id = PeerId.FromBytes(reader.Bytes());
            }
            else if (reader.Field == 2 && addresses.Count < MaxAddresses && Multiaddress.TryFromBytes(reader.Bytes(), out var address))
            {
                addresses.Add(address);
            }
        }

        return id is not null && addresses.Count > 0 ? new(id, addresses) : null;
    }

    private static SwarmException Invalid(string why) => new("invalid_peer_cache", why);
}
