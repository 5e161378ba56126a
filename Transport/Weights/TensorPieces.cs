using System.Security.Cryptography;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Transport.Weights;

/// <summary>
/// The hashes of a tensor's bytes, piece by piece: what it is asked for by, and verified with as it comes. Each piece has
/// <see cref="PieceBytes"/>, the last one may have less.
/// </summary>
public sealed class TensorPieces
{
    /// <summary>Bytes of a piece: what is lost at most where a transfer breaks off, and few enough hashes for any model.</summary>
    public const int PieceBytes = 4 << 20;

    /// <summary>Bytes of a hash, a SHA-256.</summary>
    public const int HashBytes = SHA256.HashSizeInBytes;

    private readonly byte[] _hashes;

    /// <param name="hashes">Of all pieces in order, one behind the other.</param>
    /// <exception cref="ArgumentException">They are none, or no whole number.</exception>
    public TensorPieces(ReadOnlySpan<byte> hashes)
    {
        if (hashes.IsEmpty || hashes.Length % HashBytes != 0)
        {
            throw new ArgumentException($"{hashes.Length} bytes are no hashes of {HashBytes} bytes each.", nameof(hashes));
        }

        _hashes = hashes.ToArray();
        BlobId = Convert.ToHexStringLower(SHA256.HashData(_hashes));
    }

    /// <summary>
    /// What these bytes are called, wherever they are: the SHA-256 of the pieces' hashes in 64 lower-case hex digits, so that verified pieces
    /// make a verified whole.
    /// </summary>
    public string BlobId { get; }

    /// <summary>Pieces.</summary>
    public int Count => _hashes.Length / HashBytes;

    /// <summary>All hashes, one behind the other.</summary>
    public ReadOnlySpan<byte> Hashes => _hashes;

    /// <summary>How many pieces so many bytes are; at least 1.</summary>
    public static long CountOf(long byteLength) => ((byteLength - 1) / PieceBytes) + 1;

    /// <summary>Where a piece begins.</summary>
    public static long OffsetOf(int piece) => (long)piece * PieceBytes;

    /// <summary>Bytes of a piece of so many bytes in all.</summary>
    public static int LengthOf(int piece, long byteLength) => (int)Math.Min(PieceBytes, byteLength - OffsetOf(piece));

    /// <summary>Whether these are a piece's bytes.</summary>
    public bool Matches(int piece, ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        SHA256.HashData(bytes, hash);
        return hash.SequenceEqual(_hashes.AsSpan(piece * HashBytes, HashBytes));
    }

    /// <summary>Reads a tensor and hashes it.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="buffer">To read into: <see cref="PieceBytes"/>, or as many as the tensor has.</param>
    /// <param name="advance">Told the bytes of each piece that is done.</param>
    /// <param name="cancellationToken">Ends it between two pieces.</param>
    internal static TensorPieces Compute(
        ITensorStore store, TensorInfo tensor, Span<byte> buffer, Action<int> advance, CancellationToken cancellationToken)
    {
        var hashes = new byte[checked((int)(CountOf(tensor.ByteLength) * HashBytes))];
        for (var piece = 0; piece * HashBytes < hashes.Length; piece++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = buffer[..LengthOf(piece, tensor.ByteLength)];
            store.ReadBytes(tensor, OffsetOf(piece), bytes);
            SHA256.HashData(bytes, hashes.AsSpan(piece * HashBytes, HashBytes));
            advance(bytes.Length);
        }

        return new(hashes);
    }
}
