using System.Text;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
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
        var progress = new InlineProgress(cancelling.Cancel);
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
        var progress = new InlineProgress(() => Assert.Fail("weights are read"));
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
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength), MemoryNeed.Of(weights, new KvCacheOptions(), DeviceKind.Cpu).Weights);
        Assert.Equal(elements * sizeof(float), MemoryNeed.Of(weights, new KvCacheOptions(), DeviceKind.TorchCpu).Weights);
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
    private sealed class InlineProgress(Action report) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => report();
    }
}
