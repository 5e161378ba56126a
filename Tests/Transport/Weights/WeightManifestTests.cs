using System.Buffers;
using ManagedSwarm.Engine;
using ManagedSwarm.Gguf;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Weights;
using MessagePack;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class WeightManifestTests(WeightManifestTests.OneModel shared) : IClassFixture<WeightManifestTests.OneModel>
{
    private const int FuzzCases = 20_000;

    private WeightModel Model => shared.Model;

    [Fact]
    public void Has_the_tensors_of_its_layers_and_no_others()
    {
        Assert.Equal(
            ["blk.0.attn_norm.weight", "blk.0.ffn_up.weight"], Model.Manifest(0, 1).Tensors.Select(tensor => tensor.Info.Name));
        Assert.Equal(
            ["blk.1.attn_norm.weight", "blk.1.ffn_up.weight"], Model.Manifest(1, 1).Tensors.Select(tensor => tensor.Info.Name));
        Assert.Equal("layer_range", Assert.Throws<EngineException>(() => Model.Manifest(1, 2)).Code);
    }

    [Fact]
    public void Counts_equal_tensors_once() =>
        Assert.Equal(WeightModel.LargeBytes + WeightModel.MediumBytes + WeightModel.SmallBytes, Model.Manifest().TotalBytes);

    [Fact]
    public void Is_the_same_after_the_wire()
    {
        var manifest = Model.Manifest();
        var read = WeightManifest.Read(manifest.ToBytes());
        Assert.Equal((manifest.ModelHash, manifest.TotalBytes), (read.ModelHash, read.TotalBytes));
        Assert.Equal(
            manifest.Tensors.Select(tensor => (tensor.Info.Name, tensor.Info.Type, tensor.Info.ByteLength, tensor.Pieces.BlobId)),
            read.Tensors.Select(tensor => (tensor.Info.Name, tensor.Info.Type, tensor.Info.ByteLength, tensor.Pieces.BlobId)));
        Assert.Equal(manifest.ToBytes(), read.ToBytes());
    }

    [Fact]
    public void A_later_versions_elements_are_passed_over() =>
        Assert.Equal(4, WeightManifest.Read(Encode(elements: 5, more: "later")).Tensors.Count);

    [Fact]
    public void Refuses_a_hash_that_is_none()
    {
        Assert.Contains("64 lower-case hex digits", Refusal(Encode(hash: new('A', 64))));
        Assert.Contains("64 lower-case hex digits", Refusal(Encode(hash: new('a', 63))));
    }

    [Fact]
    public void Refuses_pieces_of_another_size() => Assert.Contains("expected are 4194304", Refusal(Encode(pieceBytes: 1)));

    [Fact]
    public void Refuses_pieces_that_are_too_few_or_too_many()
    {
        foreach (var count in (int[])[6, 8])
        {
            var bytes = Encode(hashes: (name, own) => name == "blk.0.ffn_up.weight" ? new byte[count * 32] : own);
            Assert.Contains("'blk.0.ffn_up.weight'", Refusal(bytes));
        }

        Assert.Contains("expected are 32", Refusal(Encode(hashes: (_, _) => [])));
    }

    [Fact]
    public void Refuses_the_same_hashes_for_tensors_of_different_lengths() =>
        Assert.Contains("same hashes", Refusal(Encode(
            hashes: (name, own) => name == "blk.1.ffn_up.weight" ? new byte[64] : name == "blk.0.attn_norm.weight" ? new byte[64] : own,
            skeleton: Skeleton(("blk.0.attn_norm.weight", TensorPieces.PieceBytes + 2), ("blk.1.ffn_up.weight", TensorPieces.PieceBytes + 4)))));

    [Fact]
    public void Refuses_a_skeleton_that_is_none() => Assert.Contains("its header", Refusal(Encode(skeleton: new byte[100])));

    [Fact]
    public void Refuses_no_tensors_and_hashes_of_other_ones()
    {
        Assert.Contains("no tensors", Refusal(Encode(skeleton: Skeleton())));
        Assert.Contains("hashes has", Refusal(Encode(skeleton: Skeleton(("blk.0.attn_norm.weight", 64)))));
    }

    [Fact]
    public void Refuses_more_bytes_than_are_allowed()
    {
        var bytes = Model.Manifest().ToBytes();
        Assert.Contains("allowed are 1000", Refusal(bytes, new() { MaxTotalBytes = 1000 }));
        Assert.Contains("allowed are 100", Refusal(bytes, new() { MaxManifestBytes = 100 }));
        var huge = Skeleton(("blk.0.attn_norm.weight", 64), ("blk.1.ffn_up.weight", 1L << 41));
        Assert.Contains("allowed are 1099511627776", Refusal(Encode(hashes: (_, own) => own, skeleton: huge)));
    }

    [Fact]
    public void Refuses_what_is_cut_or_goes_on()
    {
        var bytes = Model.Manifest().ToBytes();
        Refusal([.. bytes, 0]);
        for (var length = 0; length < bytes.Length; length += 5)
        {
            Refusal(bytes[..length]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_damaged_manifest_is_read_or_refused_and_costs_little_memory(int seed)
    {
        var original = Model.Manifest().ToBytes();
        Fuzz.Run(seed, mutation =>
        {
            try
            {
                return WeightManifest.Read(mutation.Of(original)).Tensors.Count > 0;
            }
            catch (SwarmException exception)
            {
                Assert.Equal("invalid_manifest", exception.Code);
                throw;
            }
        }, FuzzCases);
    }

    private static string Refusal(byte[] bytes, WeightLimits? limits = null)
    {
        var exception = Assert.Throws<SwarmException>(() => WeightManifest.Read(bytes, limits));
        Assert.Equal("invalid_manifest", exception.Code);
        return exception.Message;
    }

    /// <summary>The manifest of all layers, but for what is given.</summary>
    private byte[] Encode(
        int elements = 4,
        string? hash = null,
        int pieceBytes = TensorPieces.PieceBytes,
        byte[]? skeleton = null,
        Func<string, byte[], byte[]>? hashes = null,
        string? more = null)
    {
        var manifest = Model.Manifest();
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(elements);
        writer.Write(hash ?? manifest.ModelHash);
        writer.Write(pieceBytes);
        writer.Write(skeleton ?? manifest.SkeletonBytes.ToArray());
        var isWhole = skeleton is null || hashes is null;
        List<ManifestTensor> tensors =
            [.. manifest.Tensors.Where(tensor => isWhole || tensor.Info.Name is "blk.0.attn_norm.weight" or "blk.1.ffn_up.weight")];
        writer.WriteArrayHeader(tensors.Count);
        foreach (var tensor in tensors)
        {
            var own = tensor.Pieces.Hashes.ToArray();
            writer.Write(hashes?.Invoke(tensor.Info.Name, own) ?? own);
        }

        if (more is not null)
        {
            writer.Write(more);
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>One with tensors of these names and bytes.</summary>
    private byte[] Skeleton(params (string Name, long Bytes)[] tensors) => GgufSkeleton.Write(
        Model.File, tensors.Select(tensor => new TensorInfo(
            tensor.Name, TensorType.F16, tensor.Bytes > int.MaxValue ? [2, tensor.Bytes / 4] : [tensor.Bytes / 2], tensor.Bytes, 0, 0)));

    public sealed class OneModel : IDisposable
    {
        internal WeightModel Model { get; } = new();

        public void Dispose() => Model.Dispose();
    }
}
