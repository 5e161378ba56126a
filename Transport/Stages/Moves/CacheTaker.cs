using System.Buffers;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Libp2p.Sessions;
using ManagedSwarm.Transport.Stages.Links;

namespace ManagedSwarm.Transport.Stages.Moves;

/// <summary>
/// Fills a stage that knows no sequence with the keys and values that other stages of its plan have had for its layers. What comes is held
/// against the stage's own sizes before anything is made of it. Once for each stage and epoch.
/// </summary>
/// <param name="stage">Computes nothing meanwhile.</param>
/// <param name="offer">Whose stage it is.</param>
/// <param name="dialer">Opens the streams.</param>
/// <param name="options">How long it may take.</param>
internal sealed class CacheTaker(IMovableStage stage, StageOffer offer, LinkDialer dialer, StageOptions options)
{
    private readonly FrameLimits _sequenceLimits = CacheFrames.Sequence(offer.KvCache.BlockCount);
    private readonly FrameLimits _blockLimits = CacheFrames.Blocks(stage.BlockBytes);

    // As the first giver has them, and as all others must.
    private IReadOnlyList<CachedSequence>? _sequences;

    /// <summary>Takes all.</summary>
    /// <param name="takes">From whom: in the order of layers, together all of the stage's.</param>
    /// <param name="adopted">Told which sequences the stage knows from then on, also where it fails.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SwarmException">
    /// <c>protocol_violation</c>, <c>invalid_frame</c>, <c>frame_too_large</c>, <c>not_movable</c>, <c>sequences_differ</c>, <c>timeout</c>, and what
    /// streams throw: the stage is to forget what it has.
    /// </exception>
    /// <exception cref="Engine.EngineException"><c>invalid_sequences</c></exception>
    public async Task TakeAsync(IReadOnlyList<StageTake> takes, Action<IEnumerable<long>> adopted, CancellationToken cancellationToken)
    {
        RequireAll(takes);
        using var limit = new TimeLimit(options.Moving, options.Time, cancellationToken);
        for (var i = 0; i < takes.Count; i++)
        {
            await using var link = await dialer.OpenCacheAsync(
                takes[i].From, new Attachment(offer.Plan, takes[i].Epoch, takes[i].Stage), limit.Token);
            try
            {
                await TakeAsync(link, takes[i].Layers, adopted, limit.Token);
            }
            finally
            {
                link.Abort();
            }
        }
    }

    /// <summary>Takes some layers from one giver, which has accepted the stream.</summary>
    /// <inheritdoc cref="TakeAsync(IReadOnlyList{StageTake}, Action{IEnumerable{long}}, CancellationToken)"/>
    public async Task TakeAsync(StageLink link, LayerRange layers, Action<IEnumerable<long>> adopted, CancellationToken cancellationToken)
    {
        CacheFrames.WriteTake(link.Writer, layers);
        await link.Writer.FlushAsync(cancellationToken);
        var sequences = await ReadSequencesAsync(link, cancellationToken);
        if (_sequences is null)
        {
            stage.Adopt(sequences);
            adopted(sequences.Select(sequence => sequence.Id));
            _sequences = sequences;
        }

        await ReadBlocksAsync(link, layers, OwnBlocks(_sequences, sequences), cancellationToken);
    }

    private void RequireAll(IReadOnlyList<StageTake> takes)
    {
        var next = stage.Layers.First;
        foreach (var take in takes)
        {
            next = take.Layers.First == next ? take.Layers.End : int.MaxValue;
        }

        if (next != stage.Layers.End)
        {
            throw new SwarmException(
                "protocol_violation", $"layers {string.Join(", ", takes.Select(take => take.Layers))} are to be taken; the stage has {stage.Layers}");
        }
    }

    private async Task<IReadOnlyList<CachedSequence>> ReadSequencesAsync(StageLink link, CancellationToken cancellationToken)
    {
        var count = await link.ReadAsync(CacheFrames.Small, (in frame) => CacheFrames.ReadSequences(frame, stage), cancellationToken);
        var sequences = new List<CachedSequence>();
        for (var left = CacheFrames.MaxReferences; sequences.Count < count;)
        {
            var sequence = await link.ReadAsync(_sequenceLimits, (in frame) => CacheFrames.ReadSequence(frame, _sequenceLimits), cancellationToken);
            left -= sequence.Blocks.Count;
            if (left < 0)
            {
                throw FrameErrors.TooLarge("the number of all sequences' blocks", CacheFrames.MaxReferences - left, CacheFrames.MaxReferences);
            }

            sequences.Add(sequence);
        }

        return sequences;
    }

    /// <summary>The number here of each block of a giver; the stages of a plan know the same sequences, but may have put them in other blocks.</summary>
    /// <exception cref="SwarmException"><c>sequences_differ</c></exception>
    private static SortedDictionary<int, int> OwnBlocks(IReadOnlyList<CachedSequence> ours, IReadOnlyList<CachedSequence> theirs)
    {
        if (theirs.Count != ours.Count)
        {
            throw new SwarmException("sequences_differ", $"{theirs.Count} sequences come; another giver has {ours.Count}");
        }

        var (numbers, used) = (new SortedDictionary<int, int>(), new Dictionary<int, int>());
        foreach (var (own, other) in ours.OrderBy(sequence => sequence.Id).Zip(theirs.OrderBy(sequence => sequence.Id)))
        {
            if ((own.Id, own.Length, own.Blocks.Count) != (other.Id, other.Length, other.Blocks.Count))
            {
                throw new SwarmException(
                    "sequences_differ", $"sequence {other.Id} comes with {other.Length} tokens; another giver has sequence {own.Id} with {own.Length}");
            }

            foreach (var (block, number) in other.Blocks.Zip(own.Blocks))
            {
                numbers.TryAdd(block, number);
                used.TryAdd(number, block);
                if (numbers[block] != number || used[number] != block)
                {
                    throw new SwarmException("sequences_differ", $"sequence {own.Id} shares other blocks than at another giver");
                }
            }
        }

        return numbers;
    }

    private async Task ReadBlocksAsync(StageLink link, LayerRange layers, SortedDictionary<int, int> numbers, CancellationToken cancellationToken)
    {
        KeyValuePair<int, int>[] blocks = [.. numbers];
        for (var layer = layers.First; layer < layers.End; layer++)
        {
            for (var done = 0; done < blocks.Length;)
            {
                var (at, first) = (layer, blocks[done].Key);
                var rest = blocks.AsMemory(done);
                done += await link.ReadAsync(_blockLimits, (in frame) => Fill(at, rest.Span, CacheFrames.ReadBlocks(frame, _blockLimits, at, first)), cancellationToken);
            }
        }
    }

    /// <returns>How many blocks there were.</returns>
    private int Fill(int layer, ReadOnlySpan<KeyValuePair<int, int>> blocks, ReadOnlySequence<byte> bytes)
    {
        var (count, rest) = Math.DivRem(bytes.Length, stage.BlockBytes);
        if (count < 1 || count > blocks.Length || rest != 0)
        {
            throw FrameErrors.Invalid($"{bytes.Length} bytes of blocks come; expected are {stage.BlockBytes} for each of at most {blocks.Length}");
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)stage.BlockBytes);
        var block = buffer.AsSpan(0, (int)stage.BlockBytes);
        for (var i = 0; i < count; i++)
        {
            bytes.Slice(i * stage.BlockBytes, stage.BlockBytes).CopyTo(block);
            stage.WriteBlock(layer, blocks[i].Value, block);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return (int)count;
    }
}
