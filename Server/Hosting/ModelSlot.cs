using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Hosting;

/// <summary>
/// The model that is served; empty while it is being loaded. The server listens before that: a port in use shows at once instead of after
/// minutes, probes see a live process that is not ready, and clients are told to come back.
/// </summary>
internal sealed class ModelSlot
{
    private volatile IServedModel? _model;

    /// <summary>The model; null while it is being loaded.</summary>
    public IServedModel? Current => _model;

    /// <summary>From now on, requests are answered.</summary>
    public void Fill(IServedModel model) => _model = model;

    /// <exception cref="ApiException">503: it is being loaded.</exception>
    public IServedModel Require() => _model ?? throw OpenAiErrors.ModelLoading();

    /// <exception cref="ApiException">503: it is being loaded; 404: it has another id.</exception>
    public IServedModel Require(string id)
    {
        var model = Require();
        return model.Id == id ? model : throw OpenAiErrors.ModelNotFound(id, model.Id);
    }
}
