using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Server.EndToEnd;

namespace ManagedSwarm.Tests.Server.Serving;

[Collection(MetricsReaders.Name)]
public sealed class ModelMetersTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metrics_of_a_model_that_is_gone_go_with_it()
    {
        File.Copy(ServedFile.Tiny, _folder.File("ant.gguf"));
        await using var server = await RunningServer.StartAsync(
            loaded: false,
            options => options with { Models = FakeModelSetup.Create(ServedLanguageModel.LoadAsync, _folder.File("ant.gguf")) });
        var serving = server.Server.Serving;
        await serving.LoadAsync(serving.Catalog!.First, null, Cancellation);
        Assert.Equal(1, await GaugesAsync(server));

        await serving.UnloadAsync("ant");
        Assert.Equal(0, await GaugesAsync(server));

        await serving.LoadAsync(new ModelChoice("ant", Context: 64).ApplyTo(serving.Catalog.First), null, Cancellation);
        Assert.Equal(64, server.Server.Models.Current!.ContextLength);
        Assert.Equal(1, await GaugesAsync(server));
    }

    private static async Task<int> GaugesAsync(RunningServer server)
    {
        await server.PostAsync("/v1/completions", """{"prompt": "a", "max_tokens": 2}""");
        // What has ended is told once more, and then forgotten.
        await server.Http.GetStringAsync("/metrics", Cancellation);
        var metrics = await server.Http.GetStringAsync("/metrics", Cancellation);
        return metrics.Split('\n').Count(line => line.StartsWith("managedswarm_queue_length{", StringComparison.Ordinal));
    }
}
