using System.Diagnostics.Metrics;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.Pages.Swarm;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Serving;

/// <summary>Loads models, spreads them over the swarm, and makes them known there.</summary>
internal sealed class ModelLoader(
    ApiServerOptions options, ModelSlot slot, SwarmService swarm, SwarmJournal journal, IMeterFactory meters, TimeProvider time, ILogger<ModelLoader> logger)
{
    private ModelSetup Setup => options.Models ?? throw new StartException("this node serves no models");

    private string ConfigurationFolder => options.Swarm.Folders.Configuration;

    /// <summary>Looks at a model's file, but reads no weights.</summary>
    /// <exception cref="StartException">It cannot be loaded; says why.</exception>
    public void Check(ModelRequest request)
    {
        try
        {
            _ = Setup;
            ModelShapeFile.Read(request.Path, request.Options);
        }
        catch (Exception exception) when (Explain(request.Path, exception) is { } explained)
        {
            throw explained;
        }
    }

    /// <param name="request">Which model.</param>
    /// <param name="stages">Where its layers are; null: all here.</param>
    /// <param name="progress">Hears how far it is, on any thread; null: nobody does.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StartException">It cannot be loaded; says why.</exception>
    public async Task<IServedModel> LoadAsync(
        ModelRequest request, SwarmStages? stages, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        var own = new OwnLoad(slot, progress, time);
        try
        {
            return await Setup.Load(request.Path, request.Id, request.Options, own, new ModelMeters(meters), stages, cancellationToken);
        }
        catch (Exception exception) when (Explain(request.Path, exception) is { } explained)
        {
            throw explained;
        }
    }

    /// <returns>Null: this node is in no swarm, and all layers are here.</returns>
    public SwarmStages? CreateStages(ModelRequest request) => swarm.Current is null ? null : new(
        swarm,
        request.Head,
        ConfigurationFolder,
        status =>
        {
            slot.Status = status;
            Setup.Show(status);
        },
        line =>
        {
            journal.Add(line);
            Setup.Say(line);
        },
        time,
        logger);

    /// <summary>Members of the swarm hear of a model, until what is returned is disposed of.</summary>
    public ModelAnnouncer Announce(ModelRequest request, IServedModel model) => new(
        swarm,
        new ModelFacts(model.Id, "", ModelCatalog.SizeOf(request.Path)) { Numerics = model.Numerics },
        cancellation => Setup.Identify(request.Path, NodeFolders.IdentitiesIn(ConfigurationFolder), cancellation),
        logger);

    /// <returns>Null: that is no fault of the file, nor of this machine.</returns>
    private static StartException? Explain(string path, Exception exception) => exception switch
    {
        OutOfMemoryException => new($"{path}: not enough memory for this model, this context and this number of sequences", exception),
        GgufFormatException or EngineException or IOException or UnauthorizedAccessException => new(
            exception.Message.Contains(path, StringComparison.Ordinal) ? exception.Message : $"{path}: {exception.Message}", exception),
        _ => null,
    };
}
