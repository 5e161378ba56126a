using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Gguf;

public sealed class SplitFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_split_model_is_one_model_whichever_part_is_opened()
    {
        var whole = _folder.File("whole.gguf");
        SampleFiles.CreateWriter().Save(whole);
        var parts = SampleFiles.CreateWriter().SaveSplit(_folder.File("model"), maxDataBytes: 700);
        Assert.True(parts.Count > 2);
        Assert.EndsWith($"model-00001-of-{parts.Count:D5}.gguf", parts[0], StringComparison.Ordinal);
        using var expected = GgufFile.Open(whole);
        foreach (var part in parts)
        {
            using var file = GgufFile.Open(part);
            Assert.Equal("model", file.ModelName);
            Assert.Equal("llama", file.Metadata.Get<string>("general.architecture"));
            Assert.Equal(parts.Sum(path => new FileInfo(path).Length), file.ByteLength);
            Assert.Equal(expected.Tensors.Select(tensor => tensor.Name), file.Tensors.Select(tensor => tensor.Name));
            Assert.Equal(Enumerable.Range(0, parts.Count), file.Tensors.Select(tensor => tensor.Shard).Distinct());
            Assert.All(file.Tensors, tensor => Assert.Equal(
                TensorReading.ReadBytes(expected, expected.Tensors.Single(other => other.Name == tensor.Name)),
                TensorReading.ReadBytes(file, tensor)));
        }
    }

    [Fact]
    public void A_model_split_into_one_file_may_have_any_name()
    {
        var part = Assert.Single(SampleFiles.CreateWriter().SaveSplit(_folder.File("model"), long.MaxValue));
        var renamed = _folder.File("renamed.gguf");
        File.Move(part, renamed);
        using var file = GgufFile.Open(renamed);
        Assert.Equal("renamed", file.ModelName);
        Assert.Equal(Enum.GetValues<TensorType>().Length + 1, file.Tensors.Count);
    }

    [Fact]
    public void Every_part_has_the_alignment_of_the_model()
    {
        var writer = SampleFiles.CreateWriter();
        writer.Set("general.alignment", 256u);
        using var file = GgufFile.Open(writer.SaveSplit(_folder.File("model"), maxDataBytes: 700)[0]);
        Assert.All(file.Tensors, tensor => Assert.Equal(0, tensor.FileOffset % 256));
    }

    [Fact]
    public void Rejects_a_split_model_with_a_missing_part()
    {
        WriteParts();
        File.Delete(Part(2));
        Rejects(Part(1), Part(2), "file 2 of 3 of the split model is missing");
    }

    [Fact]
    public void Rejects_a_part_whose_name_is_not_of_the_form()
    {
        WriteParts();
        File.Move(Part(1), _folder.File("model.gguf"));
        Rejects(_folder.File("model.gguf"), "one of 3, but its name is not like 'NAME-00001-of-00003.gguf'");
    }

    [Fact]
    public void Rejects_a_part_whose_name_has_another_count()
    {
        WriteParts();
        File.Move(Part(1), _folder.File("model-00001-of-00004.gguf"));
        Rejects(_folder.File("model-00001-of-00004.gguf"), "one of 3, but its name");
    }

    [Theory]
    [InlineData("model-00000-of-00003.gguf")]
    [InlineData("model-00004-of-00003.gguf")]
    public void Rejects_a_part_whose_number_is_out_of_range(string name)
    {
        WriteParts();
        File.Move(Part(1), _folder.File(name));
        Rejects(_folder.File(name), "says that it is number");
    }

    [Fact]
    public void Rejects_parts_in_the_wrong_places()
    {
        WriteParts();
        File.Copy(Part(3), Part(2), overwrite: true);
        Rejects(Part(1), Part(2), "'split.no' is 2, by the file's name it is 1");
    }

    [Fact]
    public void Rejects_a_part_of_a_model_with_another_count()
    {
        WriteParts();
        WritePart(2, count: 4);
        Rejects(Part(1), Part(2), "'split.count' is 4, by the first file and the file's name it is 3");
    }

    [Fact]
    public void Rejects_a_part_without_a_place()
    {
        WriteParts();
        File.WriteAllBytes(Part(2), GgufBytes.Header(0, 1).Number("split.count", 3).ToArray());
        Rejects(Part(1), Part(2), "'split.no' is missing");
    }

    [Fact]
    public void Rejects_a_wrong_number_of_tensors()
    {
        WriteParts();
        WritePart(1, tensors: 4);
        Rejects(Part(1), "'split.tensors.count' is 4, the files have 3 tensors");
    }

    [Fact]
    public void Rejects_the_same_tensor_in_two_parts()
    {
        WriteParts();
        WritePart(3, name: "t1");
        Rejects(Part(1), Part(3), $"tensor 't1' is in '{Part(1)}' too");
    }

    [Fact]
    public void Rejects_a_damaged_part_by_its_name()
    {
        WriteParts();
        File.WriteAllText(Part(3), "not a model");
        Rejects(Part(1), Part(3), "not a GGUF file");
    }

    private string Part(int number) => _folder.File($"model-{number:D5}-of-00003.gguf");

    private void WriteParts()
    {
        for (var number = 1; number <= 3; number++)
        {
            WritePart(number);
        }
    }

    private void WritePart(int number, uint count = 3, uint tensors = 3, string? name = null)
    {
        var file = GgufBytes.Header(1, 3)
            .Number("split.no", (uint)number - 1)
            .Number("split.count", count)
            .Number("split.tensors.count", tensors)
            .Tensor(name ?? $"t{number}", TensorType.F32, 0, 4)
            .Data(16);
        File.WriteAllBytes(Part(number), file.ToArray());
    }

    private static void Rejects(string path, string reason) => Rejects(path, path, reason);

    /// <param name="path">The file that is opened.</param>
    /// <param name="culprit">The file that the message must name.</param>
    private static void Rejects(string path, string culprit, string reason)
    {
        var exception = Assert.Throws<GgufFormatException>(() => GgufFile.Open(path));
        Assert.Contains(reason, exception.Reason, StringComparison.Ordinal);
        Assert.StartsWith(culprit, exception.Message, StringComparison.Ordinal);
    }
}
