using System.Security.Cryptography;

namespace ManagedSwarm.Gguf;

/// <summary>
/// What a model is, whatever its files are called and however it is split among them. All hashes are SHA-256, 64 lower-case hex digits.
/// </summary>
/// <param name="Hash">Of <see cref="ModelIdentityWriter"/>'s bytes: equal where metadata and tensors are.</param>
/// <param name="TensorHashes">Of each tensor's bytes, by its name: what a tensor is asked for by, and verified with.</param>
public sealed record ModelIdentity(string Hash, IReadOnlyDictionary<string, string> TensorHashes)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Reads all tensors, a piece at a time, and hashes them: as fast as disk and processor are, so perhaps minutes.</summary>
    /// <param name="file">Stays open.</param>
    /// <param name="progress">Told after each piece; null: nobody looks on.</param>
    /// <param name="cancellationToken">Ends it between two pieces.</param>
    /// <exception cref="GgufFormatException">The file has become shorter since it was opened.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ModelIdentity Compute(GgufFile file, IProgress<HashProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var total = file.Tensors.Sum(tensor => tensor.ByteLength);
        var done = 0L;
        var buffer = new byte[(int)Math.Min(BufferBytes, Math.Max(1, total))];
        var hashes = new Dictionary<string, string>(file.Tensors.Count, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in file.Tensors)
        {
            for (var offset = 0L; offset < tensor.ByteLength;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, tensor.ByteLength - offset));
                file.ReadBytes(tensor, offset, piece);
                hash.AppendData(piece);
                offset += piece.Length;
                done += piece.Length;
                progress?.Report(new(done, total));
            }

            hashes[tensor.Name] = Convert.ToHexStringLower(hash.GetHashAndReset());
        }

        return new(ModelIdentityWriter.HashOf(file, hashes), hashes);
    }
}
