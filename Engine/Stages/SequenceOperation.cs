namespace ManagedSwarm.Engine.Stages;

/// <summary>What is done to a sequence's KV cache before a step.</summary>
public enum SequenceOperationKind
{
    /// <summary>Creates the (empty) sequence, which may grow to <see cref="SequenceOperation.Capacity"/> tokens.</summary>
    Open = 0,

    /// <summary>
    /// Creates the sequence as a copy of the first <see cref="SequenceOperation.Position"/> tokens of
    /// <see cref="SequenceOperation.Source"/>, with a capacity of its own.
    /// </summary>
    Fork = 1,

    /// <summary>Drops the tokens from <see cref="SequenceOperation.Position"/> on.</summary>
    Truncate = 2,

    /// <summary>
    /// Forgets the sequence and frees its blocks. Closing a sequence that is not open does nothing: behind a step that failed, the head
    /// cannot know what was done.
    /// </summary>
    Close = 3,
}

/// <summary>One operation on a sequence.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Sequence">The sequence's id, issued by the head.</param>
/// <param name="Position">How many tokens are kept, for a fork or a truncation.</param>
/// <param name="Source">The sequence that is forked.</param>
/// <param name="Capacity">
/// The tokens that a new sequence may grow to. The head reserves that much before it opens one, so that a stage can take its blocks as they
/// are needed; it is said for those that would rather allocate at once.
/// </param>
public readonly record struct SequenceOperation(SequenceOperationKind Kind, long Sequence, int Position = 0, long Source = 0, int Capacity = 0)
{
    public static SequenceOperation Open(long sequence, int capacity) => new(SequenceOperationKind.Open, sequence, Capacity: capacity);

    public static SequenceOperation Fork(long sequence, long source, int position, int capacity) =>
        new(SequenceOperationKind.Fork, sequence, position, source, capacity);

    public static SequenceOperation Truncate(long sequence, int position) => new(SequenceOperationKind.Truncate, sequence, position);

    public static SequenceOperation Close(long sequence) => new(SequenceOperationKind.Close, sequence);
}
