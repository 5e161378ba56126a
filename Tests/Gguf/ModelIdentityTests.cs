using System.Security.Cryptography;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class ModelIdentityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_split_model_is_the_same_as_the_merged_one()
    {
        var whole = IdentityOf(SampleFiles.CreateWriter());
        var parts = SampleFiles.CreateWriter().SaveSplit(_folder.File("split"), maxDataBytes: 700);
        Assert.True(parts.Count > 2);
        Assert.All(parts, part => AssertSame(whole, IdentityOf(part)));
    }

    [Fact]
    public void A_model_in_other_files_with_another_alignment_is_the_same()
    {
        var writer = SampleFiles.CreateWriter();
        writer.Set("general.alignment", 256u);
        AssertSame(IdentityOf(SampleFiles.CreateWriter()), IdentityOf(writer));
    }

    [Fact]
    public void The_order_of_metadata_and_tensors_does_not_matter()
    {
        var (one, other) = (new GgufWriter(), new GgufWriter());
        one.Set("a", 1);
        one.Set("b", "two");
        one.AddTensor("t", TensorType.F32, [2], [1, 2]);
        one.AddTensor("u", TensorType.F32, [2], [3, 4]);
        other.AddTensor("u", TensorType.F32, [2], [3, 4]);
        other.AddTensor("t", TensorType.F32, [2], [1, 2]);
        other.Set("b", "two");
        other.Set("a", 1);
        AssertSame(IdentityOf(one), IdentityOf(other));
    }

    [Fact]
    public void Each_byte_of_a_tensor_counts()
    {
        var path = _folder.File("model.gguf");
        SampleFiles.CreateWriter().Save(path);
        var original = IdentityOf(path);
        TensorInfo changed;
        using (var file = GgufFile.Open(path))
        {
            changed = file.Tensors[^1];
        }

        var bytes = File.ReadAllBytes(path);
        bytes[changed.FileOffset + changed.ByteLength - 1] ^= 1;
        File.WriteAllBytes(path, bytes);
        var found = IdentityOf(path);
        Assert.NotEqual(original.Hash, found.Hash);
        Assert.Equal([changed.Name], found.TensorHashes.Where(pair => original.TensorHashes[pair.Key] != pair.Value).Select(pair => pair.Key));
    }

    [Fact]
    public void Each_pair_of_metadata_counts()
    {
        var original = IdentityOf(SampleFiles.CreateWriter()).Hash;
        var hashes = new HashSet<string> { original };
        foreach (var (key, value) in SampleFiles.Metadata)
        {
            var writer = SampleFiles.CreateWriter();
            writer.Set(key, value is "other" ? "" : "other");
            Assert.True(hashes.Add(IdentityOf(writer).Hash), key);
        }

        // Equal numbers of different types are different values.
        var retyped = SampleFiles.CreateWriter();
        retyped.Set("a.uint8", (ushort)200);
        Assert.True(hashes.Add(IdentityOf(retyped).Hash));
        var added = SampleFiles.CreateWriter();
        added.Set("c", "");
        Assert.True(hashes.Add(IdentityOf(added).Hash));
    }

    [Fact]
    public void A_tensors_name_type_and_shape_count()
    {
        string[] hashes =
        [
            Tensor("t", TensorType.F32, [4]),
            Tensor("u", TensorType.F32, [4]),
            Tensor("t", TensorType.F16, [8]),
            Tensor("t", TensorType.F32, [2, 2]),
            Tensor("t", TensorType.F32, [4, 1]),
        ];
        Assert.Equal(hashes.Length, hashes.Distinct().Count());

        string Tensor(string name, TensorType type, long[] dimensions)
        {
            var writer = new GgufWriter();
            writer.AddBlocks(name, type, dimensions, (_, destination) => destination.Span.Clear());
            return IdentityOf(writer).Hash;
        }
    }

    [Fact]
    public void The_bytes_that_are_hashed_do_not_change_with_the_program()
    {
        var writer = new GgufWriter();
        writer.Set("k", 7u);
        writer.AddTensor("t", TensorType.F32, [2], [1, 2]);
        var data = Convert.FromHexString("0000803F00000040");
        byte[] hashed =
        [
            .. "managedswarm/1/model"u8,
            1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, (byte)'k', 4, 0, 0, 0, 7, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, (byte)'t', 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, .. SHA256.HashData(data),
        ];
        var identity = IdentityOf(writer);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data)), identity.TensorHashes["t"]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(hashed)), identity.Hash);
    }

    [Fact]
    public void A_tensor_longer_than_the_buffer_is_hashed_in_pieces_and_that_is_told()
    {
        const int Length = (5 << 20) / 2;
        var writer = new GgufWriter();
        writer.AddBlocks("t", TensorType.F32, [Length / 4], (_, destination) => destination.Span.Fill(7));
        writer.AddTensor("u", TensorType.F32, [1], [1]);
        var path = _folder.File("large.gguf");
        writer.Save(path);
        using var file = GgufFile.Open(path);
        var told = new Recorded<HashProgress>();
        var identity = ModelIdentity.Compute(file, told, TestContext.Current.CancellationToken);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Enumerable.Repeat((byte)7, Length).ToArray())), identity.TensorHashes["t"]);
        Assert.Equal([1 << 20, 2 << 20, Length, Length + 4], told.Values.Select(value => value.Done));
        Assert.All(told.Values, value => Assert.Equal(Length + 4, value.Total));
    }

    [Fact]
    public void It_can_be_cancelled_between_two_pieces()
    {
        var path = _folder.File("model.gguf");
        SampleFiles.CreateWriter().Save(path);
        using var file = GgufFile.Open(path);
        using var cancelling = new CancellationTokenSource();
        var told = new Recorded<HashProgress>(_ => cancelling.Cancel());
        Assert.Throws<OperationCanceledException>(() => ModelIdentity.Compute(file, told, cancelling.Token));
        Assert.Single(told.Values);
    }

    private static void AssertSame(ModelIdentity expected, ModelIdentity actual)
    {
        Assert.Equal(expected.Hash, actual.Hash);
        Assert.Equal(expected.TensorHashes, actual.TensorHashes);
    }

    private static ModelIdentity IdentityOf(string path)
    {
        using var file = GgufFile.Open(path);
        return ModelIdentity.Compute(file, progress: null, TestContext.Current.CancellationToken);
    }

    private ModelIdentity IdentityOf(GgufWriter writer)
    {
        var path = _folder.File("written.gguf");
        writer.Save(path);
        return IdentityOf(path);
    }
}
