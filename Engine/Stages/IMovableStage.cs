namespace ManagedSwarm.Engine.Stages;

/// <summary>
/// A stage whose keys and values can be copied, byte by byte, to another one that computes alike; and that can give layers away. Nothing of
/// it may be called while a step is computed.
/// </summary>
public interface IMovableStage : IStage
{
    /// <summary>How blocks are laid out: stages of another number do not understand each other's.</summary>
    int BlockLayout { get; }

    /// <summary>The bytes of one block's keys and values in one layer.</summary>
    long BlockBytes { get; }

    /// <summary>The open sequences, as they are now.</summary>
    IReadOnlyList<CachedSequence> Sequences { get; }

    /// <summary>Opens sequences with these blocks, whose bytes are to be filled in then; none may be open before.</summary>
    /// <exception cref="EngineException"><c>invalid_sequences</c>: they cannot be; then none is open.</exception>
    void Adopt(IReadOnlyList<CachedSequence> sequences);

    /// <summary>Reads a block of a layer.</summary>
    /// <param name="layer">Of the model; one of the stage's.</param>
    /// <param name="block">Its number.</param>
    /// <param name="bytes">(BlockBytes)</param>
    void ReadBlock(int layer, int block, Span<byte> bytes);

    /// <summary>Fills a block of a layer in.</summary>
    /// <param name="layer">Of the model; one of the stage's.</param>
    /// <param name="block">Its number.</param>
    /// <param name="bytes">(BlockBytes)</param>
    void WriteBlock(int layer, int block, ReadOnlySpan<byte> bytes);

    /// <summary>Gives all other layers away: their weights, keys and values are gone, and those of these stay as they are.</summary>
    /// <exception cref="EngineException"><c>layer_range</c>: the stage does not have these.</exception>
    void Keep(LayerRange layers);
}
