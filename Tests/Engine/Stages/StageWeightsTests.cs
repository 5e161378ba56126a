using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;

namespace ManagedSwarm.Tests.Engine.Stages;

public sealed class StageWeightsTests : IDisposable
{
    private static readonly KvCacheOptions Cache = new() { CapacityTokens = 64 };

    private readonly GgufFile _file = GgufFile.Open(TinyModels.PathOf(TinyModels.Names.First()));
    private readonly ModelWeights _weights;

    public StageWeightsTests() => _weights = new ModelWeights(_file);

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_stage_frees_its_matrices_once()
    {
        var kernels = new CountingKernels(failAt: -1);
        var stage = new LocalStage(_weights, new LayerRange(0, 2), Cache, kernels, LoadMonitor.Silent);
        Assert.Equal((14, 0), (kernels.Prepared, kernels.Freed));
        await stage.DisposeAsync();
        await stage.DisposeAsync();
        Assert.Equal((14, 14), (kernels.Prepared, kernels.Freed));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    public void A_stage_that_cannot_be_loaded_frees_what_it_has(int failAt)
    {
        var kernels = new CountingKernels(failAt);
        var error = Assert.Throws<EngineException>(() => new LocalStage(_weights, new LayerRange(0, 2), Cache, kernels, LoadMonitor.Silent));
        Assert.Equal("out_of_memory", error.Code);
        Assert.Equal((failAt, failAt), (kernels.Prepared, kernels.Freed));
    }

    [Fact]
    public void A_cancelled_load_frees_what_it_has()
    {
        using var cancelling = new CancellationTokenSource();
        var kernels = new CountingKernels(failAt: -1) { OnPrepared = count => CancelAt(count, 5, cancelling) };
        var monitor = new LoadMonitor(1, null, cancelling.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => new LocalStage(_weights, new LayerRange(0, 2), Cache, kernels, monitor));
        Assert.Equal((5, 5), (kernels.Prepared, kernels.Freed));
    }

    private static void CancelAt(int count, int at, CancellationTokenSource source)
    {
        if (count == at)
        {
            source.Cancel();
        }
    }

    /// <summary>Computes nothing: counts the matrices that it has made, and those that are gone.</summary>
    private sealed unsafe class CountingKernels(int failAt) : KernelSet(new ComputeThreads(1))
    {
        public int Prepared { get; private set; }

        public int Freed { get; private set; }

        public Action<int> OnPrepared { get; init; } = _ => { };

        public override Matrix Prepare(WeightMatrix source, LoadMonitor monitor)
        {
            monitor.Advance(1);
            if (Prepared == failAt)
            {
                throw new EngineException("out_of_memory", "no more");
            }

            Prepared++;
            OnPrepared(Prepared);
            return new CountedMatrix(source, () => Freed++);
        }

        public override void Multiply(float* inputs, int count, ReadOnlySpan<Product> products) => throw new NotSupportedException();

        public override IAttention CreateAttention(ModelConfig config, KvCache cache) => Create(KernelKind.Reference, Threads).CreateAttention(config, cache);
    }

    private sealed class CountedMatrix(WeightMatrix source, Action onFree) : Matrix(source.Rows, source.Columns, source.Bias)
    {
        public override void Dispose()
        {
            onFree();
            base.Dispose();
        }
    }
}
