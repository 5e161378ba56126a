using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.P2p.Heads;

namespace ManagedSwarm.Tests.Server.P2p.Heads;

/// <summary>A spare that is ready, or over, when a test says so.</summary>
/// <param name="name">Of its member.</param>
/// <param name="layers">Whose weights it is to fetch.</param>
internal sealed class FakeSpare(string name, IReadOnlyList<LayerRange> layers) : ISpare
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public IReadOnlyList<LayerRange> Layers => layers;

    public Task Ready => _ready.Task;

    public Task Over => _over.Task;

    public string? Failure { get; private set; }

    public bool IsDisposed { get; private set; }

    public void BeReady() => _ready.SetResult();

    public void Fail(string reason)
    {
        Failure = reason;
        _over.SetResult();
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }
}
