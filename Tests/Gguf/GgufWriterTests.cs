using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class GgufWriterTests
{
    [Fact]
    public void A_file_is_what_the_specification_says()
    {
        var writer = new GgufWriter();
        writer.Set("a", 7u);
        writer.AddTensor("t", TensorType.F32, [2], [1, 2]);
        using var stream = new MemoryStream();
        writer.Write(stream);
        var expected = GgufBytes.Header(1, 1).Number("a", 7).Tensor("t", TensorType.F32, 0, 2).Data(0)
            .Raw([0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]).Data(0);
        Assert.Equal(expected.ToArray(), stream.ToArray());
    }

    [Fact]
    public void Rows_are_asked_for_in_order_and_in_batches_of_bounded_size()
    {
        const int Columns = 1 << 18;
        const int Rows = 9;
        var rows = new List<long>();
        var largest = 0;
        var writer = new GgufWriter();
        writer.AddRows("rows", TensorType.F32, [Columns, Rows], (row, destination) =>
        {
            rows.Add(row);
            destination.Fill(row);
        });
        writer.AddBlocks("blocks", TensorType.F32, [Columns, Rows], (_, destination) => largest = Math.Max(largest, destination.Length));
        using var folder = new TemporaryFolder();
        writer.Save(folder.File("rows.gguf"));
        Assert.Equal(Enumerable.Range(0, Rows).Select(row => (long)row), rows);
        Assert.Equal(4 << 20, largest);
        using var file = GgufFile.Open(folder.File("rows.gguf"));
        var values = TensorReading.ReadAll(file, file.Tensors[0]);
        Assert.All(values.Chunk(Columns).Index(), row => Assert.Equal(row.Index, row.Item.Distinct().Single()));
    }

    [Fact]
    public void Nothing_is_left_of_a_file_that_could_not_be_completed()
    {
        using var folder = new TemporaryFolder();
        var writer = new GgufWriter();
        writer.AddRows("rows", TensorType.F32, [4], (_, _) => throw new TimeoutException());
        Assert.Throws<TimeoutException>(() => writer.Save(folder.File("rows.gguf")));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Rejects_a_value_that_no_file_can_hold()
    {
        var writer = new GgufWriter();
        Assert.Throws<ArgumentException>(() => writer.Set("a", 1m));
        Assert.Throws<ArgumentException>(() => writer.Set("a", new int[1][]));
        Assert.Throws<ArgumentException>(() => writer.Set("a", new int[1, 1]));
        Assert.Throws<ArgumentException>(() => writer.Set("a", new string?[] { null }));
        Assert.Throws<ArgumentException>(() => writer.Set("a", TensorType.F32));
        Assert.Throws<ArgumentException>(() => writer.Set("general.alignment", 24u));
        Assert.Throws<ArgumentException>(() => writer.Set("general.alignment", 32));
    }

    [Fact]
    public void Rejects_a_tensor_that_no_file_can_hold()
    {
        var writer = new GgufWriter();
        writer.AddTensor("a", TensorType.F32, [1], [1]);
        Assert.Throws<ArgumentException>(() => writer.AddTensor("a", TensorType.F32, [1], [1]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor(new string('x', 65), TensorType.F32, [1], [1]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("b", TensorType.F32, [], [1]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("b", TensorType.F32, [1, 1, 1, 1, 1], [1]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("b", TensorType.F32, [2], [1]));
        Assert.Throws<ArgumentException>(() => writer.AddTensor("b", TensorType.Q8_0, [16, 2], new float[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.AddTensor("b", TensorType.F32, [0], []));
        Assert.Throws<NotSupportedException>(() => writer.AddTensor("b", TensorType.Q2_K, [256], new float[256]));
        Assert.Throws<NotSupportedException>(() => writer.AddRows("b", TensorType.Q2_K, [256], (_, _) => { }));
    }
}
