namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// What one thread does at once: some rows of a segment (its queries of one KV head, token after token, head after head) over some spans.
/// </summary>
internal readonly record struct AttentionPart
{
    /// <summary>The sequence whose cache is read.</summary>
    public required long Sequence { get; init; }

    /// <summary>The position of the segment's first token.</summary>
    public required int FirstPosition { get; init; }

    /// <summary>The batch's token that is the segment's first.</summary>
    public required int FirstToken { get; init; }

    public required int KvHead { get; init; }

    /// <summary>The first row within the segment.</summary>
    public required int FirstRow { get; init; }

    public required int RowCount { get; init; }

    public required int FirstSpan { get; init; }

    public required int SpanCount { get; init; }

    /// <summary>The index of the rows whose spans are split among parts; -1: this part has them all.</summary>
    public required int Split { get; init; }
}
