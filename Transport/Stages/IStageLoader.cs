using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Transport.Stages;

/// <summary>Makes a worker's stages out of offers. Safe for use by many threads.</summary>
public interface IStageLoader
{
    /// <summary>Looks at an offer, without reading weights or taking memory for them.</summary>
    /// <param name="offer">Its numbers are within bounds; its manifest may be anything.</param>
    /// <exception cref="Exception">
    /// A <see cref="SwarmException"/>, an <see cref="Engine.EngineException"/> or a <see cref="Gguf.GgufFormatException"/>: the offer is
    /// refused.
    /// </exception>
    StageNeed Examine(StageOffer offer);

    /// <summary>What a stage takes when it has given layers away.</summary>
    /// <param name="offer">That was examined.</param>
    /// <param name="layers">Those of the offer's that it keeps.</param>
    /// <returns>Bytes.</returns>
    long MemoryFor(StageOffer offer, LayerRange layers);

    /// <summary>Fetches what is missing and makes the stage.</summary>
    /// <param name="offer">That was examined.</param>
    /// <param name="progress">Told often while bytes move, by any thread.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <exception cref="Exception">As with <see cref="Examine"/>; nothing is left behind.</exception>
    Task<LoadedStage> LoadAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken);

    /// <summary>Only fetches what is missing, and readies itself, so that <see cref="LoadAsync"/> takes no longer than it must.</summary>
    /// <param name="offer">That was examined.</param>
    /// <param name="progress">Told often while bytes move, by any thread.</param>
    /// <param name="cancellationToken">Nobody wants it any more.</param>
    /// <returns>What was fetched stays here at least until this is disposed; null: it does anyway.</returns>
    /// <exception cref="Exception">As with <see cref="Examine"/>.</exception>
    Task<IDisposable?> FetchAsync(StageOffer offer, IProgress<StageProgress> progress, CancellationToken cancellationToken);
}
