using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Model;

/// <content>How a table becomes another one's copy.</content>
public sealed partial class BlockTable
{
    /// <summary>The open sequences, as they are now.</summary>
    public IReadOnlyList<CachedSequence> Sequences =>
        [.. _sequences.Select(pair => new CachedSequence(pair.Key, pair.Value.Length, [.. pair.Value.Blocks]))];

    /// <summary>Opens sequences with the blocks that they have in another table of this size.</summary>
    /// <exception cref="EngineException"><c>invalid_sequences</c>: such a table cannot be; nothing is done then.</exception>
    public void Adopt(IReadOnlyList<CachedSequence> sequences)
    {
        RequireAdoptable(sequences);
        foreach (var sequence in sequences)
        {
            var opened = new Sequence { Length = sequence.Length };
            opened.Blocks.AddRange(sequence.Blocks);
            _sequences.Add(sequence.Id, opened);
            foreach (var block in sequence.Blocks)
            {
                _references[block]++;
            }
        }

        _free.Clear();
        for (var block = _references.Length - 1; block >= 0; block--)
        {
            if (_references[block] == 0)
            {
                _free.Push(block);
            }
        }
    }

    private void RequireAdoptable(IReadOnlyList<CachedSequence> sequences)
    {
        if (_sequences.Count > 0)
        {
            throw new EngineException("invalid_sequences", $"{_sequences.Count} sequences are open already; others can be adopted only where none is");
        }

        var ids = new HashSet<long>();
        foreach (var sequence in sequences)
        {
            if (!ids.Add(sequence.Id))
            {
                throw new EngineException("invalid_sequences", $"sequence {sequence.Id} comes twice");
            }

            if (sequence.Length < 0 || sequence.Blocks.Count != BlocksFor(sequence.Length))
            {
                throw new EngineException(
                    "invalid_sequences",
                    $"sequence {sequence.Id} has {sequence.Length} tokens in {sequence.Blocks.Count} blocks of {BlockLength} tokens");
            }

            RequireBlocks(sequence);
        }
    }

    private void RequireBlocks(CachedSequence sequence)
    {
        var blocks = new HashSet<int>();
        foreach (var block in sequence.Blocks)
        {
            if (block < 0 || block >= _references.Length || !blocks.Add(block))
            {
                throw new EngineException(
                    "invalid_sequences", $"sequence {sequence.Id} has block {block}: there are {_references.Length}, and each may come once in it");
            }
        }
    }
}
