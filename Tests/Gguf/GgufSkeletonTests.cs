using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Transport;

namespace ManagedSwarm.Tests.Gguf;

public sealed class GgufSkeletonTests : IDisposable
{
    private const int FuzzCases = 20_000;

    private readonly GgufFile _file = GgufFile.Open(Repository.File("models-test/tiny.gguf"));

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("tiny.gguf")]
    [InlineData("tales.q4_k.gguf")]
    public void Has_the_models_shape_without_its_vocabulary(string model)
    {
        using var file = GgufFile.Open(Repository.File($"models-test/{model}"));
        var bytes = GgufSkeleton.Write(file, file.Tensors);
        var skeleton = GgufSkeleton.Read(bytes);
        Assert.Equal(ModelConfig.FromMetadata(file.Metadata), ModelConfig.FromMetadata(skeleton.Metadata));
        Assert.DoesNotContain(skeleton.Metadata.Keys, key => key.StartsWith("tokenizer.", StringComparison.Ordinal));
        Assert.InRange(bytes.Length, 1, 8 << 10);
    }

    [Fact]
    public void Has_the_tensors_that_were_asked_for_in_their_order()
    {
        var wanted = _file.Tensors.Where(tensor => tensor.Name.StartsWith("blk.1.", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(wanted);
        var tensors = GgufSkeleton.Read(GgufSkeleton.Write(_file, wanted)).Tensors;
        Assert.Equal(
            wanted.Select(tensor => (tensor.Name, tensor.Type, Text(tensor), tensor.ByteLength)),
            tensors.Select(tensor => (tensor.Name, tensor.Type, Text(tensor), tensor.ByteLength)));

        static string Text(TensorInfo tensor) => string.Join(' ', tensor.Dimensions);
    }

    [Fact]
    public void Becomes_the_file_that_it_is_the_header_of_when_the_data_are_added()
    {
        var bytes = GgufSkeleton.Write(_file, _file.Tensors);
        var skeleton = GgufSkeleton.Read(bytes);
        using var folder = new TemporaryFolder();
        var path = folder.File("whole.gguf");
        using (var stream = File.Create(path))
        {
            stream.Write(bytes);
            foreach (var (placed, tensor) in skeleton.Tensors.Zip(_file.Tensors))
            {
                stream.Position = placed.FileOffset;
                stream.Write(TensorReading.ReadBytes(_file, tensor));
            }
        }

        using var whole = GgufFile.Open(path);
        Assert.All(whole.Tensors.Zip(_file.Tensors), pair =>
            Assert.Equal(TensorReading.ReadBytes(_file, pair.Second), TensorReading.ReadBytes(whole, pair.First)));
    }

    [Fact]
    public void Refuses_bytes_behind_the_header_and_a_header_that_is_cut()
    {
        var bytes = GgufSkeleton.Write(_file, _file.Tensors);
        Assert.Contains("its header ends at", Refusal([.. bytes, 0]));
        for (var length = 0; length < bytes.Length; length += 7)
        {
            Refusal(bytes[..length]);
        }
    }

    [Fact]
    public void Refuses_more_than_its_limits()
    {
        var bytes = GgufSkeleton.Write(_file, _file.Tensors);
        Assert.Throws<GgufFormatException>(() => GgufSkeleton.Read(bytes, GgufSkeleton.Limits with { MaxHeaderBytes = bytes.Length - 1 }));
        Assert.Throws<GgufFormatException>(() => GgufSkeleton.Read(bytes, GgufSkeleton.Limits with { MaxTensorCount = _file.Tensors.Count - 1 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_damaged_one_is_read_or_refused_and_costs_little_memory(int seed)
    {
        var original = GgufSkeleton.Write(_file, _file.Tensors.Take(9));
        var mutation = new Mutation(seed);
        var read = 0;
        for (var i = 0; i < FuzzCases; i++)
        {
            var bytes = mutation.Of(original);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                GgufSkeleton.Read(bytes);
                read++;
            }
            catch (GgufFormatException)
            {
                // Refused.
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 << 10);
        }

        Assert.InRange(read, FuzzCases / 1000, FuzzCases * 99 / 100);
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<GgufFormatException>(() => GgufSkeleton.Read(bytes)).Message;
}
