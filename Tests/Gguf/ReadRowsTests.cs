using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class ReadRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reads_what_is_mapped_from_every_part()
    {
        using var file = GgufFile.Open(SampleFiles.CreateWriter().SaveSplit(_folder.File("model"), maxDataBytes: 700)[0]);
        foreach (var tensor in file.Tensors)
        {
            var all = new byte[tensor.ByteLength];
            file.ReadRows(tensor, 0, (int)tensor.Rows, all);
            Assert.Equal(TensorReading.ReadBytes(file, tensor), all);

            var last = new byte[all.Length];
            file.ReadRows(tensor, tensor.Rows - 1, 1, last);
            Assert.Equal(file.GetRow(tensor, tensor.Rows - 1), last.AsSpan(0, (int)(tensor.ByteLength / tensor.Rows)));
        }
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(1, 2)]
    [InlineData(3, 0)]
    [InlineData(long.MaxValue, 1)]
    public void Rejects_rows_that_are_not_there(long first, int count)
    {
        var path = _folder.File("sample.gguf");
        SampleFiles.CreateWriter().Save(path);
        using var file = GgufFile.Open(path);
        Assert.True(file.TryGetTensor("t.F32", out var tensor));
        Assert.Equal(2, tensor.Rows);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows(tensor, first, count, new byte[4096]));
    }

    [Fact]
    public void Says_that_the_file_was_cut()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "a mapped file cannot be cut");
        var path = _folder.File("sample.gguf");
        SampleFiles.CreateWriter().Save(path);
        using var file = GgufFile.Open(path);
        var tensor = file.Tensors[^1];
        var end = tensor.FileOffset + tensor.ByteLength - 3;
        using (var cut = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            cut.SetLength(end);
        }

        var error = Assert.Throws<GgufFormatException>(() => file.ReadRows(tensor, 0, (int)tensor.Rows, new byte[tensor.ByteLength]));
        Assert.Equal(end, error.Offset);
        Assert.Contains("3 bytes too early", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
