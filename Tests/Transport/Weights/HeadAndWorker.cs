using ManagedSwarm.Gguf;
using ManagedSwarm.Tests.Fixtures;
using ManagedSwarm.Tests.Gguf;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

/// <summary>A head that has a model, a worker that has not, and a folder for its cache.</summary>
public abstract class HeadAndWorker : IAsyncLifetime
{
    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected static WeightFetcherOptions Options { get; } = new()
    {
        // A reset throws away what was sent and not read yet: on a busy machine that can be all of it, some times in a row.
        Retries = 8,
        RetryDelay = TimeSpan.Zero,
        StallTimeout = TimeSpan.FromMinutes(2),
        ProgressInterval = TimeSpan.Zero,
        PiecesPerSource = 2,
        PiecesInMemory = 4,
        BusyPoll = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>Of all tensors, equal ones counted once.</summary>
    private protected static int PieceCount => 7 + 2 + 1;

    private protected WeightModel Model { get; } = new();

    private protected TemporaryFolder Folder { get; } = new();

    private protected TestLog Log { get; } = new();

    private protected Recorded<WeightProgress> Told { get; } = new();

    private protected WeightNode Head { get; private set; } = null!;

    private protected WeightNode Worker { get; private set; } = null!;

    private protected WeightManifest All => Model.Manifest();

    public async ValueTask InitializeAsync()
    {
        Head = await WeightNode.StartAsync(Model);
        Worker = await WeightNode.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Worker.DisposeAsync();
        await Head.DisposeAsync();
        Folder.Dispose();
        Model.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected BlobCache Cache() => new(Folder.Path);

    private protected WeightFetcher Fetcher(BlobCache? cache = null) => Worker.Fetcher(cache ?? Cache(), Options with { Logger = Log });

    private protected Task<TensorFiles> FetchAsync(WeightManifest manifest, IReadOnlyList<WeightSource> sources, BlobCache? cache = null) =>
        Fetcher(cache).FetchAsync(manifest, sources, Told, Cancellation);
}
