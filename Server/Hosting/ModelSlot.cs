using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Serving;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Server.Hosting;

/// <summary>
/// The model that is served; empty while it is being loaded. The server listens before that: a port in use shows at once instead of after
/// minutes, probes see a live process that is not ready, and clients are told to come back. <see cref="ModelService"/> fills and empties it.
/// </summary>
internal sealed class ModelSlot
{
    private volatile IServedModel? _model;
    private volatile HeadStatus? _status;
    private volatile StageProgress? _loading;
    private volatile IModelStages? _stages;
    private volatile ModelRequest? _asked;
    private volatile LoadFailure? _failure;
    private volatile bool _isUnloaded;

    /// <summary>The model has come or gone, or is further. Called by any thread; must not throw, and not wait.</summary>
    public event Action? Changed;

    /// <summary>The model; null while it is being loaded.</summary>
    public IServedModel? Current => _model;

    /// <summary>The model that is served, is being loaded, or was; null: none was asked for.</summary>
    public ModelRequest? Asked => _asked;

    /// <summary>What has gone wrong with the model that was asked for last; null: nothing.</summary>
    public LoadFailure? Failure
    {
        get => _failure;
        set
        {
            _failure = value;
            Changed?.Invoke();
        }
    }

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

    /// <summary>Whether a model is on its way.</summary>
    public bool IsLoading => _model is null && !_isUnloaded;

    /// <summary>Why requests cannot be answered; null: they can.</summary>
    public ApiError? WhyNotReady => _isUnloaded ? OpenAiErrors.ModelUnloaded()
        : Status is { State: not HeadState.Ready } status ? OpenAiErrors.ModelLoading(status).Error
        : _model is null ? OpenAiErrors.ModelLoading().Error : null;

    /// <summary>Whether requests wait: some layers are lost, and others are about to have them.</summary>
    private bool CanWait => !_isUnloaded && _model is not null && Stages is { AreKept: true };

    /// <summary>From now on, requests are told to come back: another model is on its way.</summary>
    /// <returns>The model before, which is the caller's now; null: there was none.</returns>
    public IServedModel? Expect(ModelRequest request)
    {
        (_asked, _isUnloaded, _failure) = (request, false, null);
        return Take();
    }

    /// <summary>From now on, requests are answered.</summary>
    public void Fill(IServedModel model)
    {
        (_model, _loading) = (model, null);
        Changed?.Invoke();
    }

    /// <summary>From now on, requests are refused.</summary>
    /// <param name="failure">What has gone wrong; null: nothing, that is as wished.</param>
    /// <returns>The model before, which is the caller's now; null: there was none.</returns>
    public IServedModel? Clear(LoadFailure? failure = null)
    {
        (_isUnloaded, _failure) = (true, failure);
        return Take();
    }

    /// <exception cref="ApiException">503: it is being loaded, or was unloaded.</exception>
    public IServedModel Require() => _model is { } model && (WhyNotReady is null || CanWait)
        ? model
        : throw new ApiException(WhyNotReady ?? OpenAiErrors.ModelLoading().Error);

    /// <exception cref="ApiException">503: it is being loaded; 404: it has another id.</exception>
    public IServedModel Require(string id)
    {
        var model = Require();
        return model.Id == id ? model : throw OpenAiErrors.ModelNotFound(id, model.Id);
    }

    private IServedModel? Take()
    {
        var model = _model;
        (_model, _loading, _status) = (null, null, null);
        Changed?.Invoke();
        return model;
    }
}
