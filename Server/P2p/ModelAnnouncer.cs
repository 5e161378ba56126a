using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Diagnostics;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p;

/// <summary>
/// Makes a model known to the swarm: by its id at once, and by its hash when that is known. The hash costs reading the whole file, so it is
/// not computed before this node is a member.
/// </summary>
internal sealed class ModelAnnouncer : IAsyncDisposable
{
    private readonly SwarmService _swarm;
    private readonly ModelFacts _model;
    private readonly Func<CancellationToken, Task<IdentifiedModel>> _identify;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _hashing;

    /// <summary>Makes it known.</summary>
    /// <param name="swarm">To whom.</param>
    /// <param name="model">Which; its hash is not known yet.</param>
    /// <param name="identify">Finds out its hash.</param>
    /// <param name="logger">Told where that fails.</param>
    public ModelAnnouncer(SwarmService swarm, ModelFacts model, Func<CancellationToken, Task<IdentifiedModel>> identify, ILogger logger)
    {
        (_swarm, _model, _identify, _logger) = (swarm, model, identify, logger);
        _hashing = new(HashAsync);
        swarm.Announce([model]);
        swarm.Switched += OnSwitched;
        OnSwitched();
    }

    public async ValueTask DisposeAsync()
    {
        _swarm.Switched -= OnSwitched;
        await _stop.CancelAsync();
        if (_hashing.IsValueCreated)
        {
            await _hashing.Value;
        }

        _stop.Dispose();
    }

    private void OnSwitched()
    {
        if (_swarm.Current is not null)
        {
            _ = _hashing.Value;
        }
    }

    private async Task HashAsync()
    {
        try
        {
            var identified = await _identify(_stop.Token);
            _swarm.Announce([_model with { Hash = identified.Hash, Bytes = identified.Bytes }]);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody needs it any more.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or GgufFormatException)
        {
            ServerLog.HashFailed(_logger, _model.Id, exception.Message);
        }
    }
}
