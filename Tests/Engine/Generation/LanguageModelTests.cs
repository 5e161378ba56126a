using System.Text;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.ModelsTest;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class LanguageModelTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Disposing_lets_the_file_go_and_can_be_done_twice()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, ModelPresets.Tiny);
        var model = await LoadAsync(path, new());
        Assert.True(IsMapped(path));
        await model.DisposeAsync();
        await model.DisposeAsync();
        Assert.False(IsMapped(path));
    }

    [Theory]
    [InlineData("blk.1.ffn_down.weight", "blk.1.ffn_dawn.weight")]
    [InlineData("output_norm.weight", "output_narm.weight")]
    public async Task A_load_that_fails_half_way_lets_the_file_go(string tensor, string renamed)
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, ModelPresets.Tiny);
        await RenameAsync(path, tensor, renamed);
        var error = await Assert.ThrowsAsync<EngineException>(() => LoadAsync(path, new()));
        Assert.Equal("invalid_model", error.Code);
        Assert.Contains(tensor, error.Message, StringComparison.Ordinal);
        Assert.False(IsMapped(path));
    }

    [Fact]
    public async Task A_cancelled_load_lets_the_file_go()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, ModelPresets.Tiny);
        using var cancelling = new CancellationTokenSource();
        var progress = new InlineProgress(_ => cancelling.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => LanguageModel.LoadAsync(path, new(), progress, cancellationToken: cancelling.Token));
        Assert.False(IsMapped(path));
    }

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1 << 30, 4)]
    [InlineData(-1, 4)]
    [InlineData(1, 1)]
    [InlineData(64, 0)]
    [InlineData(64, -1)]
    public async Task Refuses_a_context_that_cannot_be_before_it_reads_the_weights(int contextLength, int parallelSequences)
    {
        using var folder = new TemporaryFolder();
        var options = new ModelOptions { ContextLength = contextLength, ParallelSequences = parallelSequences };
        var progress = new InlineProgress(_ => Assert.Fail("weights are read"));
        var error = await Assert.ThrowsAsync<EngineException>(
            () => LanguageModel.LoadAsync(Write(folder, ModelPresets.Tiny), options, progress, cancellationToken: Cancellation));
        Assert.Equal("invalid_value", error.Code);
    }

    [Fact]
    public async Task Refuses_a_model_that_claims_more_cache_than_can_be_counted()
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, ModelPresets.Tiny with { LayerCount = 1 });
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        var key = Encoding.UTF8.GetBytes("llama.block_count");

        // Behind the key: the value's type, and the value.
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf(key) + key.Length + sizeof(uint)), int.MaxValue);
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        var options = new ModelOptions { ContextLength = int.MaxValue - 31, ParallelSequences = 1 };
        Assert.Equal("out_of_memory", (await Assert.ThrowsAsync<EngineException>(() => LoadAsync(path, options))).Code);
    }

    [Fact]
    public void More_memory_than_can_be_counted_is_too_much()
    {
        var need = new MemoryNeed(long.MaxValue / 2, long.MaxValue);
        Assert.Equal("out_of_memory", Assert.Throws<EngineException>(() => need.RequireWithin(1L << 40, "model.gguf")).Code);
    }

    [Fact]
    public void Libtorch_needs_the_weights_as_floats()
    {
        using var folder = new TemporaryFolder();
        using var file = GgufFile.Open(Write(folder, new ModelShape { Type = TensorType.Q8_0 }));
        var weights = new ModelWeights(file);
        var elements = file.Tensors.Sum(tensor => tensor.Rows * tensor.Columns);
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength), MemoryNeed.Of(weights, new KvCacheOptions(), DeviceKind.Cpu, KernelKind.Reference).Weights);
        Assert.Equal(elements * sizeof(float), MemoryNeed.Of(weights, new KvCacheOptions(), DeviceKind.TorchCpu, KernelKind.Fast).Weights);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fast_kernels_need_a_copy_of_every_matrix_but_the_embedding(bool tied)
    {
        using var folder = new TemporaryFolder();
        var shape = new ModelShape { Type = TensorType.Q8_0, TiedEmbeddings = tied };
        using var file = GgufFile.Open(Write(folder, shape));
        var need = MemoryNeed.Of(new ModelWeights(file), new KvCacheOptions(), DeviceKind.Cpu, KernelKind.Fast).Weights;
        var embedding = file.Tensors.Single(tensor => tensor.Name == "token_embd.weight");
        var copies = file.Tensors.Where(tensor => tensor.Dimensions.Length == 2 && (tied || tensor != embedding))
            .ToDictionary(tensor => tensor, tensor => KernelSet.CopyBytes(KernelKind.Fast, tensor));
        Assert.All(copies, copy => Assert.InRange(copy.Value, copy.Key.ByteLength, 1.2 * copy.Key.ByteLength));
        Assert.Equal(copies.Values.Sum() + file.Tensors.Where(tensor => tensor == embedding || !copies.ContainsKey(tensor)).Sum(t => t.ByteLength), need);
    }

    [Theory]
    [InlineData(DeviceKind.Cpu, KernelKind.Reference)]
    [InlineData(DeviceKind.Cpu, KernelKind.Fast)]
    [InlineData(DeviceKind.TorchCpu, KernelKind.Reference)]
    public async Task A_load_shows_how_far_it_has_come_and_can_be_ended_there(DeviceKind device, KernelKind kernels)
    {
        TestDevices.Open(device).Dispose();
        using var folder = new TemporaryFolder();
        // Some megabytes in each of embedding, layers and output.
        var shape = new ModelShape { Type = TensorType.F32, VocabularySize = 30_000, HiddenSize = 64, FeedForwardSize = 16_384, LayerCount = 2 };
        var path = Write(folder, shape);
        var options = new ModelOptions { Device = device, Kernels = kernels, Threads = 2 };
        var reports = new List<LoadProgress>();
        await using (await LanguageModel.LoadAsync(path, options, new InlineProgress(reports.Add), cancellationToken: Cancellation))
        {
            var total = reports[0].BytesTotal;
            Assert.Equal(0, reports[0].BytesDone);
            Assert.Equal(total, reports[^1].BytesDone);
            Assert.InRange(reports.Count, 6, 20);

            // The bytes of norms and of what a model has besides are no matrix's.
            Assert.True(reports[^2].BytesDone > total - (5 << 20), "much is loaded that is not told");
            Assert.True(reports.Zip(reports.Skip(1)).All(pair => pair.First.BytesDone < pair.Second.BytesDone));
        }

        for (var at = 1; at < reports.Count - 1; at++)
        {
            using var cancelling = new CancellationTokenSource();
            var left = at;
            var progress = new InlineProgress(_ =>
            {
                if (left-- == 0)
                {
                    cancelling.Cancel();
                }
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => LanguageModel.LoadAsync(path, options, progress, cancellationToken: cancelling.Token));
            Assert.False(IsMapped(path));
        }
    }

    [Theory]
    [InlineData("output_norm.weight", KernelKind.Reference)]
    [InlineData("blk.1.attn_norm.weight", KernelKind.Fast)]
    [InlineData("blk.0.attn_q.bias", KernelKind.Reference)]
    [InlineData("blk.1.ffn_up.weight", KernelKind.Fast)]
    [InlineData("output.weight", KernelKind.Fast)]
    public async Task Refuses_a_weight_that_is_no_number_and_says_where_it_is(string name, KernelKind kernels)
    {
        using var folder = new TemporaryFolder();
        var path = Write(folder, ModelPresets.Tiny with { Architecture = "qwen2", Type = TensorType.F32, TiedEmbeddings = false });
        await SpoilAsync(path, name);
        var error = await Assert.ThrowsAsync<EngineException>(() => LoadAsync(path, new() { Kernels = kernels }));
        Assert.Equal("invalid_model", error.Code);
        Assert.StartsWith($"{path}: tensor '{name}', row 0, columns ", error.Message, StringComparison.Ordinal);
    }

    private static async Task SpoilAsync(string path, string name)
    {
        long offset;
        using (var file = GgufFile.Open(path))
        {
            Assert.True(file.TryGetTensor(name, out var tensor));
            offset = tensor.FileOffset;
        }

        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        BitConverter.TryWriteBytes(bytes.AsSpan((int)offset), float.NaN);
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
    }

    private static Task<LanguageModel> LoadAsync(string path, ModelOptions options) =>
        LanguageModel.LoadAsync(path, options, cancellationToken: Cancellation);

    private static string Write(TemporaryFolder folder, ModelShape shape)
    {
        var path = folder.File("model.gguf");
        ModelGenerator.Write(path, shape);
        return path;
    }

    private static async Task RenameAsync(string path, string tensor, string renamed)
    {
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        Encoding.UTF8.GetBytes(renamed).CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(tensor))));
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
    }

    /// <summary>Whether this process has the file in its memory.</summary>
    private static bool IsMapped(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc/self/maps");
        return File.ReadAllText("/proc/self/maps").Contains(path, StringComparison.Ordinal);
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, reports where it is told.</summary>
    private sealed class InlineProgress(Action<LoadProgress> report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report(value);
    }
}
