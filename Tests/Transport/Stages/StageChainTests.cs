using ManagedSwarm.Engine.Devices;
using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Tests.Transport.Stages;

/// <summary>Layers on workers compute what the same layers compute here, bit for bit.</summary>
[Trait("Tier", "Loopback")]
public sealed class StageChainTests
{
    private const int Steps = 120;

    public static TheoryData<string> Quantized => [.. SharedData.Names("models", "*.gguf")];

    [Theory]
    [InlineData("models-test/tiny.gguf", 1)]
    [InlineData("models-test/tiny.gguf", 2)]
    [InlineData("models-test/tales.q8_0.gguf", 1)]
    [InlineData("models-test/tales.q8_0.gguf", 2)]
    [InlineData("models-test/tales.q8_0.gguf", 3)]
    [InlineData("models-test/tales.q8_0.gguf", 4)]
    public Task A_model_over_workers_has_the_bits_of_one_stage(string model, int workers) => CompareAsync(Repository.File(model), workers, Steps);

    [Theory]
    [MemberData(nameof(Quantized))]
    public Task Any_model_over_two_to_four_workers_has_the_bits_of_one_stage(string model) =>
        CompareAsync(SharedData.Require($"models/{model}.gguf"), 2 + (model.Length % 3), steps: 30);

    [Theory]
    [InlineData(WireType.F16, 2e-3f)]
    [InlineData(WireType.Q8, 5e-2f)]
    public async Task Shorter_wire_types_come_near(WireType wire, float tolerance)
    {
        await using var model = new Local(Repository.File("models-test/tales.q8_0.gguf"), KernelKind.Reference);
        var expected = await StepScript.RunAsync(model.Stage, 5, model.HiddenSize, 40, 1);
        await using var cluster = await StageCluster.StartAsync([model.Loader, model.Loader]);
        await using var chain = await cluster.StartAsync(cluster.Plan(model.LayerCount, model.HiddenSize) with { Wire = wire });
        var found = await StepScript.RunAsync(chain, 5, model.HiddenSize, 40, 2);
        var (error, size) = (0.0, 0.0);
        for (var step = 0; step < expected.Length; step++)
        {
            error += expected[step].Zip(found[step], (one, other) => Math.Pow(one - other, 2)).Sum();
            size += expected[step].Sum(value => Math.Pow(value, 2));
        }

        Assert.InRange(Math.Sqrt(error / size), 1e-9, tolerance);
        Assert.All(chain.Statistics, stage => Assert.InRange(stage.Bytes, 1, long.MaxValue));
    }

    private static async Task CompareAsync(string path, int workers, int steps)
    {
        await using var model = new Local(path);
        workers = Math.Min(workers, model.LayerCount);
        var expected = await StepScript.RunAsync(model.Stage, 7, model.HiddenSize, steps, 1);
        await using var cluster = await StageCluster.StartAsync([.. Enumerable.Repeat(model.Loader, workers)]);
        await using (var chain = await cluster.StartAsync(cluster.Plan(model.LayerCount, model.HiddenSize)))
        {
            Assert.Equal(new LayerRange(0, model.LayerCount), chain.Layers);
            Assert.Empty(chain.Warnings);
            var found = await StepScript.RunAsync(chain, 7, model.HiddenSize, steps, workers + 1);
            for (var step = 0; step < steps; step++)
            {
                Assert.True(expected[step].AsSpan().SequenceEqual(found[step]), $"step {step} differs");
            }

            Assert.InRange(chain.StepsInFlight, Math.Min(2, workers), workers + 1);
            Assert.All(chain.Statistics, stage => Assert.Equal(steps, stage.Steps));
            Assert.All(cluster.Workers, worker => Assert.Equal(StageState.Running, Assert.Single(worker.Host!.Stages).State));
        }

        await Task.WhenAll(cluster.Workers.Select(worker => worker.FreeAsync()));
    }

    /// <summary>A model here, whole.</summary>
    private sealed class Local : IAsyncDisposable
    {
        private readonly GgufFile _file;
        private readonly CpuDevice _device;

        public Local(string path, KernelKind kernels = KernelKind.Fast)
        {
            _device = new CpuDevice(threads: 2, kernels);
            _file = GgufFile.Open(path);
            var weights = new ModelWeights(_file);
            (LayerCount, HiddenSize) = (weights.Config.LayerCount, weights.Config.HiddenSize);
            Stage = _device.CreateStage(weights, new LayerRange(0, LayerCount), new KvCacheOptions { CapacityTokens = 2_048 });
            Loader = new GgufStageLoader(path, _device);
        }

        public int LayerCount { get; }

        public int HiddenSize { get; }

        public IStage Stage { get; }

        public IStageLoader Loader { get; }

        public async ValueTask DisposeAsync()
        {
            await Stage.DisposeAsync();
            _device.Dispose();
            _file.Dispose();
        }
    }
}
