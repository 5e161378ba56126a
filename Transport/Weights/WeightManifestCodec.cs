using System.Buffers;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport.Frames;
using MessagePack;

namespace ManagedSwarm.Transport.Weights;

/// <summary>Writes and reads manifests.</summary>
/// <remarks>
/// <code>
/// array    4 elements; a later version may add some, which are passed over
///   string   the model's hash, 64 lower-case hex digits
///   int      bytes of a piece, 4 MiB
///   bin      the skeleton: the header of a GGUF file
///   array    of bin: the hashes of each tensor's pieces, in the skeleton's order, 32 bytes each
/// </code>
/// </remarks>
internal static class WeightManifestCodec
{
    private const int Elements = 4;

    public static byte[] Write(WeightManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Elements);
        writer.Write(manifest.ModelHash);
        writer.Write(TensorPieces.PieceBytes);
        writer.Write(manifest.SkeletonBytes.Span);
        writer.WriteArrayHeader(manifest.Tensors.Count);
        foreach (var tensor in manifest.Tensors)
        {
            writer.Write(tensor.Pieces.Hashes);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="SwarmException"><c>invalid_manifest</c></exception>
    public static WeightManifest Read(ReadOnlyMemory<byte> bytes, WeightLimits limits)
    {
        if (bytes.Length > limits.MaxManifestBytes)
        {
            throw Invalid($"it has {bytes.Length} bytes; allowed are {limits.MaxManifestBytes}");
        }

        try
        {
            return Decode(new(bytes), limits);
        }
        catch (GgufFormatException exception)
        {
            throw Invalid($"its header: {exception.Message}", exception);
        }
        catch (SwarmException exception) when (exception.Code is "invalid_frame" or "frame_too_large")
        {
            throw Invalid(exception.Message, exception);
        }
    }

    private static WeightManifest Decode(in ReadOnlySequence<byte> bytes, WeightLimits limits)
    {
        var decoder = new FrameDecoder(bytes, limits.Frames);
        var elements = decoder.ReadArrayLength("manifest");
        if (elements < Elements)
        {
            throw Invalid($"it has {elements} elements; expected are at least {Elements}");
        }

        var hash = ReadModelHash(ref decoder);
        if (decoder.ReadInt32("bytes of a piece") is var pieceBytes and not TensorPieces.PieceBytes)
        {
            throw Invalid($"a piece has {pieceBytes} bytes; expected are {TensorPieces.PieceBytes}");
        }

        var header = ReadHeader(ref decoder, limits);
        var skeleton = GgufSkeleton.Read(header, limits.Skeleton);
        RequireTotal(skeleton, limits.MaxTotalBytes);
        var tensors = ReadTensors(ref decoder, skeleton);
        for (var i = Elements; i < elements; i++)
        {
            decoder.Skip("a later version's element of a manifest");
        }

        decoder.RequireEnd();
        return new(hash, header, skeleton, tensors);
    }

    private static string ReadModelHash(ref FrameDecoder decoder)
    {
        var hash = decoder.ReadString("model's hash");
        return hash.Length == WeightManifest.HashDigits && hash.All(char.IsAsciiHexDigitLower)
            ? hash
            : throw Invalid($"the model's hash has {hash.Length} characters; expected are {WeightManifest.HashDigits} lower-case hex digits");
    }

    private static byte[] ReadHeader(ref FrameDecoder decoder, WeightLimits limits)
    {
        var header = decoder.ReadBinary("skeleton");
        return header.Length <= limits.Skeleton.MaxHeaderBytes
            ? header.ToArray()
            : throw Invalid($"the skeleton has {header.Length} bytes; allowed are {limits.Skeleton.MaxHeaderBytes}");
    }

    /// <summary>Before anything is made of the size of a tensor.</summary>
    private static void RequireTotal(GgufSkeleton skeleton, long allowed)
    {
        var total = Int128.Zero;
        foreach (var tensor in skeleton.Tensors)
        {
            total += tensor.ByteLength;
        }

        if (total > allowed)
        {
            throw Invalid($"its tensors have {total} bytes; allowed are {allowed}");
        }

        if (skeleton.Tensors.Count == 0)
        {
            throw Invalid("it has no tensors");
        }
    }

    private static List<ManifestTensor> ReadTensors(ref FrameDecoder decoder, GgufSkeleton skeleton)
    {
        decoder.RequireArrayLength("hashes", skeleton.Tensors.Count);
        var tensors = new List<ManifestTensor>(skeleton.Tensors.Count);
        var lengths = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        foreach (var tensor in skeleton.Tensors)
        {
            var hashes = decoder.ReadBinary($"hashes of tensor '{tensor.Name}'");
            var expected = TensorPieces.CountOf(tensor.ByteLength) * TensorPieces.HashBytes;
            if (hashes.Length != expected)
            {
                throw Invalid(
                    $"the hashes of tensor '{tensor.Name}' have {hashes.Length} bytes; for its {tensor.ByteLength} bytes expected are {expected}");
            }

            var pieces = new TensorPieces(hashes.IsSingleSegment ? hashes.FirstSpan : hashes.ToArray());
            if (!lengths.TryAdd(pieces.BlobId, tensor) && lengths[pieces.BlobId].ByteLength != tensor.ByteLength)
            {
                throw Invalid($"tensors '{lengths[pieces.BlobId].Name}' and '{tensor.Name}' have the same hashes and not the same length");
            }

            tensors.Add(new(tensor, pieces));
        }

        return tensors;
    }

    private static SwarmException Invalid(string what, Exception? innerException = null) =>
        new("invalid_manifest", $"invalid manifest of weights: {what}", innerException);
}
