using System.Buffers.Binary;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class GgufFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Metadata_of_every_type_come_back(uint version)
    {
        var bytes = SampleFiles.Create(version);
        var header = GgufHeader.Parse(bytes, bytes.Length, GgufLimits.Default);
        Assert.Equal(version, header.Version);
        Assert.Equal(SampleFiles.Metadata.Keys, header.Metadata.Keys);
        foreach (var (key, value) in SampleFiles.Metadata)
        {
            Assert.True(header.Metadata.TryGetValue(key, out var found));
            Assert.Equal(value, found);
            Assert.Equal(value.GetType(), found.GetType());
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Tensors_of_every_type_come_back(uint version)
    {
        var path = _folder.File("sample.gguf");
        File.WriteAllBytes(path, SampleFiles.Create(version));
        using var file = GgufFile.Open(path);
        Assert.Equal(path, file.Path);
        Assert.Equal(new FileInfo(path).Length, file.ByteLength);
        foreach (var type in Enum.GetValues<TensorType>())
        {
            Assert.True(file.TryGetTensor($"t.{type}", out var tensor));
            Assert.Equal(type, tensor.Type);
            Assert.Equal(0, tensor.FileOffset % 32);
            Assert.All(file.GetRow(tensor, 1).ToArray(), value => Assert.Equal(2, value));
        }

        Assert.True(file.TryGetTensor("v", out var vector));
        Assert.Equal([3, 1, 2, 1], vector.Dimensions);
        Assert.Equal([1, 2, 3, 4, 5, 6], TensorReading.ReadAll(file, vector));
        Assert.False(file.TryGetTensor("w", out _));
    }

    [Fact]
    public void A_file_without_tensors_is_well_formed()
    {
        var bytes = GgufBytes.Header(0, 1).Number("a", 1).ToArray();
        var header = GgufHeader.Parse(bytes, bytes.Length, GgufLimits.Default);
        Assert.Empty(header.Tensors);
    }

    [Fact]
    public void Tensors_may_stand_in_any_order_and_leave_gaps()
    {
        var bytes = GgufBytes.Header(2, 0).Tensor("a", TensorType.F32, 96, 4).Tensor("b", TensorType.F32, 0, 8).Data(112).ToArray();
        var header = GgufHeader.Parse(bytes, bytes.Length, GgufLimits.Default);
        Assert.Equal([192, 96], header.Tensors.Select(tensor => tensor.FileOffset));
    }

    [Fact]
    public void The_alignment_is_that_of_the_metadata()
    {
        var file = GgufBytes.Header(1, 1).Number("general.alignment", 128).Tensor("a", TensorType.F32, 128, 4);
        var bytes = file.Data(144, alignment: 128).ToArray();
        var header = GgufHeader.Parse(bytes, bytes.Length, GgufLimits.Default);
        Assert.Equal(128, header.DataOffset);
        Assert.Equal(256, header.Tensors[0].FileOffset);
    }

    [Fact]
    public void A_tensor_larger_than_two_gibibytes_is_read_at_its_end()
    {
        // The file has holes where nothing was written, so it takes no room on disk.
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a file system with sparse files");
        const long Rows = 3L << 20;
        const int Columns = 256;
        var path = _folder.File("large.gguf");
        using (var stream = File.Create(path))
        {
            stream.Write(GgufBytes.Header(1, 0).Tensor("large", TensorType.F32, 0, Columns, Rows).Data(0).ToArray());
            var dataOffset = stream.Length;
            stream.SetLength(dataOffset + (Rows * Columns * sizeof(float)));
            stream.Seek(-sizeof(float), SeekOrigin.End);
            stream.Write([0, 0, 0x80, 0x3F]);
        }

        using var file = GgufFile.Open(path);
        var tensor = Assert.Single(file.Tensors);
        Assert.Equal(3L << 30, tensor.ByteLength);
        Assert.Equal(1f, BinaryPrimitives.ReadSingleLittleEndian(file.GetRow(tensor, Rows - 1)[^4..]));
        Assert.Equal(0f, BinaryPrimitives.ReadSingleLittleEndian(file.GetRow(tensor, Rows / 2)));
        unsafe
        {
            Assert.Equal(0x3F, file.GetPointer(tensor)[tensor.ByteLength - 1]);
        }
    }

    [Fact]
    public void A_row_that_a_tensor_has_not_is_refused()
    {
        var path = _folder.File("sample.gguf");
        File.WriteAllBytes(path, SampleFiles.Create(3));
        using var file = GgufFile.Open(path);
        Assert.True(file.TryGetTensor("v", out var tensor));
        Assert.Throws<ArgumentOutOfRangeException>(() => file.GetRow(tensor, 2).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.GetRow(tensor, -1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.GetRow(tensor with { FileOffset = file.ByteLength }, 0).Length);
    }

    [Fact]
    public void A_disposed_file_is_refused_and_may_be_disposed_again()
    {
        var path = _folder.File("sample.gguf");
        File.WriteAllBytes(path, SampleFiles.Create(3));
        var file = GgufFile.Open(path);
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.GetRow(file.Tensors[0], 0).Length);
    }

    [Fact]
    public void Rejects_a_missing_file_by_its_name()
    {
        var path = _folder.File("missing.gguf");
        var exception = Assert.Throws<FileNotFoundException>(() => GgufFile.Open(path));
        Assert.Equal($"{path}: there is no such file", exception.Message);
    }

    [Fact]
    public void Rejects_a_directory() => Rejects(_folder.Path, "this is a directory");

    [Fact]
    public void Rejects_a_file_without_bytes() => Rejects(Write("empty.gguf", []), "the file is empty");

    [Fact]
    public void Rejects_a_file_of_text() => Rejects(Write("text.gguf", "# A model\n"u8), "not a GGUF file");

    [Fact]
    public void Rejects_a_file_that_was_cut_short()
    {
        var bytes = SampleFiles.Create(3);
        Rejects(Write("cut.gguf", bytes.AsSpan(0, bytes.Length - 32)), "tensor 'v' ends at byte");
    }

    private string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = _folder.File(name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Rejects(string path, string reason)
    {
        var exception = Assert.Throws<GgufFormatException>(() => GgufFile.Open(path));
        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
    }
}
