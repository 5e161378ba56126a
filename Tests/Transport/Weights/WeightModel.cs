using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>
/// A file with the metadata of a model of two layers, whose tensors are noise: in layer 0, one of seven pieces and a small one; in layer 1, one of
/// two pieces and the same small one.
/// </summary>
internal sealed class WeightModel : IDisposable
{
    public const int LargeBytes = (6 * TensorPieces.PieceBytes) + 512;
    public const int MediumBytes = (1 * TensorPieces.PieceBytes) + 8;
    public const int SmallBytes = 64;

    public static readonly string Hash = new('7', 64);

    private readonly TemporaryFolder _folder = new();

    public WeightModel()
    {
        Path = _folder.File("model.gguf");
        Writer().Save(Path);
        File = GgufFile.Open(Path);
        Hashes = PieceHashes.Compute(File);
    }

    public string Path { get; }

    public GgufFile File { get; }

    public PieceHashes Hashes { get; }

    public WeightManifest Manifest(int first = 0, int count = 2) => WeightManifest.Create(File, Hash, new LayerRange(first, count), Hashes);

    public TensorInfo Tensor(string name) => File.TryGetTensor(name, out var tensor) ? tensor : throw new KeyNotFoundException(name);

    /// <summary>The bytes of a piece, however they are asked for.</summary>
    public byte[] Piece(string blobId, int piece)
    {
        var tensor = File.Tensors.First(tensor => Hashes.Tensors[tensor.Name].BlobId == blobId);
        var bytes = new byte[TensorPieces.LengthOf(piece, tensor.ByteLength)];
        File.ReadBytes(tensor, TensorPieces.OffsetOf(piece), bytes);
        return bytes;
    }

    /// <summary>Asserts that a store has the tensors of a manifest, bit for bit.</summary>
    public unsafe void AssertSame(WeightManifest manifest, ITensorStore store)
    {
        Assert.Equal(manifest.Tensors.Select(tensor => tensor.Info.Name), store.Tensors.Select(tensor => tensor.Name));
        foreach (var tensor in store.Tensors)
        {
            var (expected, length) = (Tensor(tensor.Name), (int)tensor.ByteLength);
            Assert.True(new ReadOnlySpan<byte>(File.GetPointer(expected), length).SequenceEqual(new(store.GetPointer(tensor), length)), tensor.Name);
        }
    }

    public void Dispose()
    {
        File.Dispose();
        _folder.Dispose();
    }

    private static GgufWriter Writer()
    {
        var writer = new GgufWriter();
        writer.Set("general.architecture", "llama");
        writer.Set("general.name", "noise");
        writer.Set("llama.block_count", 2u);
        writer.Set("llama.embedding_length", 64u);
        writer.Set("llama.feed_forward_length", 64u);
        writer.Set("llama.context_length", 64u);
        writer.Set("llama.attention.head_count", 2u);
        writer.Set("llama.attention.layer_norm_rms_epsilon", 1e-5f);
        writer.Set("tokenizer.ggml.tokens", new[] { "a", "b" });
        Add(writer, "token_embd.weight", MediumBytes, 9);
        Add(writer, "blk.0.attn_norm.weight", SmallBytes, 1);
        Add(writer, "blk.0.ffn_up.weight", LargeBytes, 2);
        Add(writer, "blk.1.attn_norm.weight", SmallBytes, 1);
        Add(writer, "blk.1.ffn_up.weight", MediumBytes, 3);
        Add(writer, "blk.10.ffn_up.weight", SmallBytes, 4);
        return writer;
    }

    private static void Add(GgufWriter writer, string name, int bytes, int seed)
    {
        var random = new Random(seed);
        writer.AddBlocks(name, TensorType.F16, [bytes / 2], (_, rows) => random.NextBytes(rows.Span));
    }
}
