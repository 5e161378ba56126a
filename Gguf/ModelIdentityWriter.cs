using System.Security.Cryptography;
using System.Text;

namespace ManagedSwarm.Gguf;

/// <summary>Writes what a model's hash is made of. Who changes a byte of it changes the identity of all models.</summary>
/// <remarks>
/// Numbers are little-endian, strings and values as in a GGUF file (version 3), and names sorted by their UTF-16 code units.
/// <code>
/// "managedswarm/1/model"
/// u64  number of pairs; each: string key, u32 type, value. What only says how the file is laid out is left out: split.no, split.count,
///      split.tensors.count, general.alignment
/// u64  number of tensors; each: string name, u32 type, u32 number of dimensions, u64 each of them, 32 bytes SHA-256 of its data
/// </code>
/// </remarks>
internal static class ModelIdentityWriter
{
    private const int BufferBytes = 64 << 10;

    private static readonly HashSet<string> LayoutKeys =
        [GgufShard.NumberKey, GgufShard.CountKey, GgufShard.TensorCountKey, GgufHeader.AlignmentKey];

    /// <param name="file">The model.</param>
    /// <param name="tensorHashes">In hex, by the tensors' names.</param>
    public static string HashOf(GgufFile file, Dictionary<string, string> tensorHashes)
    {
        using var sha256 = SHA256.Create();
        using (var hashing = new CryptoStream(Stream.Null, sha256, CryptoStreamMode.Write))
        using (var buffered = new BufferedStream(hashing, BufferBytes))
        using (var writer = new BinaryWriter(buffered, Encoding.UTF8))
        {
            writer.Write("managedswarm/1/model"u8);
            WriteMetadata(writer, file.Metadata);
            WriteTensors(writer, file.Tensors, tensorHashes);
        }

        return Convert.ToHexStringLower(sha256.Hash!);
    }

    private static void WriteMetadata(BinaryWriter writer, GgufMetadata metadata)
    {
        var keys = metadata.Keys.Where(key => !LayoutKeys.Contains(key)).Order(StringComparer.Ordinal).ToArray();
        writer.Write((ulong)keys.Length);
        foreach (var key in keys)
        {
            metadata.TryGetValue(key, out var value);
            HeaderWriter.WritePair(writer, key, value!);
        }
    }

    private static void WriteTensors(BinaryWriter writer, IReadOnlyList<TensorInfo> tensors, Dictionary<string, string> hashes)
    {
        writer.Write((ulong)tensors.Count);
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            HeaderWriter.WriteString(writer, tensor.Name);
            writer.Write((uint)tensor.Type);
            writer.Write((uint)tensor.Dimensions.Length);
            foreach (var size in tensor.Dimensions)
            {
                writer.Write((ulong)size);
            }

            writer.Write(Convert.FromHexString(hashes[tensor.Name]));
        }
    }
}
