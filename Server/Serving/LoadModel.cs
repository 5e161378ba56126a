using System.Diagnostics.Metrics;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Server.OpenAi;

namespace ManagedSwarm.Server.Serving;

/// <summary>Loads a model.</summary>
/// <param name="path">The file.</param>
/// <param name="id">Its id in the API; null: the file's name.</param>
/// <param name="options">How.</param>
/// <param name="progress">Hears of it, on any thread.</param>
/// <param name="meters">Where its meters are made.</param>
/// <param name="stages">Decides where its layers are; null: here.</param>
/// <param name="cancellationToken">Gives up.</param>
internal delegate Task<IServedModel> LoadModel(
    string path, string? id, ModelOptions options, IProgress<LoadProgress> progress, IMeterFactory meters, IStageSource? stages, CancellationToken cancellationToken);
