namespace ManagedSwarm.Transport.Stages.Lives;

/// <summary>Who has how much of a worker's memory. One thread at a time.</summary>
/// <param name="limit">Bytes in all.</param>
internal sealed class MemoryBudget(long limit)
{
    private readonly List<Share> _shares = [];

    public long Reserved => _shares.Sum(share => share.Bytes);

    /// <summary>Gives a stage what it needs.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="holder">What for, as others are told: a model and its layers.</param>
    /// <returns>Is to be given back by <see cref="Release"/>.</returns>
    /// <exception cref="SwarmException"><c>not_enough_memory</c></exception>
    public Share Reserve(long bytes, string holder)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var free = limit - Reserved;
        if (bytes > free)
        {
            var given = _shares.Count == 0 ? "" : $": {string.Join(", ", _shares.Select(share => $"{Text(share.Bytes)} for {share.Holder}"))}";
            throw new SwarmException(
                "not_enough_memory",
                $"{holder} needs {Text(bytes)}; this worker has {Text(limit)}, of which {Text(Reserved)} are given away{given}");
        }

        var share = new Share(bytes, holder);
        _shares.Add(share);
        return share;
    }

    /// <summary>Takes a share back; the second time, nothing is done.</summary>
    public void Release(Share share) => _shares.Remove(share);

    private static string Text(long bytes) => Engine.ByteSize.Text(bytes);

    /// <summary>What one stage has.</summary>
    internal sealed class Share(long bytes, string holder)
    {
        public long Bytes { get; private set; } = bytes;

        public string Holder { get; } = holder;

        /// <summary>The stage needs less than it did.</summary>
        public void Shrink(long needed) => Bytes = Math.Min(Bytes, needed);
    }
}
