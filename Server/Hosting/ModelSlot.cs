using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.Hosting;

/// <summary>
/// The model that is served; empty while it is being loaded. The server listens before that: a port in use shows at once instead of after
/// minutes, probes see a live process that is not ready, and clients are told to come back.
/// </summary>
internal sealed class ModelSlot
{
    private volatile IServedModel? _model;
    private volatile HeadStatus? _status;
    private volatile StageProgress? _loading;
    private volatile IModelStages? _stages;
    private volatile bool _isUnloaded;

    /// <summary>The model has come or gone, or is further. Called by any thread; must not throw, and not wait.</summary>
    public event Action? Changed;

    /// <summary>The model; null while it is being loaded.</summary>
    public IServedModel? Current => _model;

    /// <summary>How far the model is where it is spread over the swarm; null: it is not.</summary>
    public HeadStatus? Status
    {
        get => _status;
        set
        {
            _status = value;
            Changed?.Invoke();
        }
    }

    /// <summary>How far its load into this machine's memory has come; null: it has not begun, or is over.</summary>
    public StageProgress? Loading
    {
        get => _loading;
        set
        {
            _loading = value;
            Changed?.Invoke();
        }
    }

    /// <summary>Its stages where it may be spread over the swarm; null: it is not.</summary>
    public IModelStages? Stages
    {
        get => _stages;
        set => _stages = value;
    }

    /// <summary>Why requests cannot be answered; null: they can.</summary>
    public ApiError? WhyNotReady => _isUnloaded ? OpenAiErrors.ModelUnloaded()
        : Status is { State: not HeadState.Ready } status ? OpenAiErrors.ModelLoading(status).Error
        : _model is null ? OpenAiErrors.ModelLoading().Error : null;

    /// <summary>Whether requests wait: some layers are lost, and others are about to have them.</summary>
    private bool CanWait => !_isUnloaded && _model is not null && Stages is { AreKept: true };

    /// <summary>From now on, requests are answered.</summary>
    public void Fill(IServedModel model)
    {
        (_model, _loading) = (model, null);
        Changed?.Invoke();
    }

    /// <summary>Frees the model for good, if it has this id; replies under way end.</summary>
    /// <returns>Whether it had.</returns>
    public async Task<bool> UnloadAsync(string id)
    {
        if (_model is not { } model || model.Id != id)
        {
            return false;
        }

        (_isUnloaded, _model) = (true, null);
        Changed?.Invoke();
        await model.DisposeAsync();
        return true;
    }

    /// <exception cref="ApiException">503: it is being loaded, or was unloaded.</exception>
    public IServedModel Require() => WhyNotReady is { } error && !CanWait ? throw new ApiException(error) : _model!;

    /// <exception cref="ApiException">503: it is being loaded; 404: it has another id.</exception>
    public IServedModel Require(string id)
    {
        var model = Require();
        return model.Id == id ? model : throw OpenAiErrors.ModelNotFound(id, model.Id);
    }
}
