using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Kernels.Attention;

/// <summary>
/// Causal attention straight on the blocks of the cache, in tiles (after FlashAttention, arXiv 2205.14135). All query heads of a KV head
/// share each load of a key or value. Positions are cut into spans anchored at position 0; each span has its own softmax, and spans are
/// merged in ascending order, so that a query's result depends neither on the batch nor on who computed which span.
/// </summary>
internal sealed unsafe class TiledAttention : IAttention
{
    // Multiply-adds below which waking other threads costs more than it saves.
    private const long SmallWork = 1 << 18;

    private readonly AttentionShape _shape;
    private readonly KvCache _cache;
    private readonly ComputeThreads _threads;
    private readonly AttentionPlan _plan;
    private readonly AttentionScratch[] _scratch;

    public TiledAttention(ModelConfig config, KvCache cache, ComputeThreads threads)
    {
        _shape = new AttentionShape(config);
        (_cache, _threads) = (cache, threads);
        _plan = new AttentionPlan(_shape, threads.Count);
        _scratch = [.. Enumerable.Range(0, threads.Count).Select(_ => new AttentionScratch(_shape))];
    }

    public void Run(int layer, StepBatch batch, float* queries, float* results)
    {
        _plan.Build(batch.Segments);
        var work = new Work(this, layer, queries, results);
        if (_plan.Work >= SmallWork)
        {
            _threads.Run(_plan.PartCount, ref work);
            return;
        }

        for (var part = 0; part < _plan.PartCount; part++)
        {
            work.Run(part);
        }
    }

    private void RunPart(int layer, in AttentionPart part, float* queries, float* results)
    {
        var scratch = TakeScratch();
        var tile = new AttentionTile(_shape, scratch, _cache, layer, part);
        for (var row = 0; row < part.RowCount; row++)
        {
            tile.SetQuery(row, queries + (HeadOf(part, row) * _shape.KeySize));
        }

        if (part.Split < 0)
        {
            RunAllSpans(tile, part, scratch);
            Finish(part, scratch.States, results);
        }
        else
        {
            RunSomeSpans(tile, part, results);
        }

        scratch.Release();
    }

    private void RunAllSpans(in AttentionTile tile, in AttentionPart part, AttentionScratch scratch)
    {
        tile.RunSpan(0, scratch.States);
        for (var span = 1; span < part.SpanCount; span++)
        {
            tile.RunSpan(span, scratch.SpanStates);
            Merge(tile, part, span, scratch.States, scratch.SpanStates);
        }
    }

    /// <summary>Whoever is the last to finish its spans merges all.</summary>
    private void RunSomeSpans(in AttentionTile tile, in AttentionPart part, float* results)
    {
        for (var span = part.FirstSpan; span < part.FirstSpan + part.SpanCount; span++)
        {
            tile.RunSpan(span, _plan.StatesOf(part, span));
        }

        if (!_plan.IsLast(part))
        {
            return;
        }

        var states = _plan.StatesOf(part, 0);
        for (var span = 1; span < _plan.SpansOf(part); span++)
        {
            Merge(tile, part, span, states, _plan.StatesOf(part, span));
        }

        Finish(part, states, results);
    }

    private void Merge(in AttentionTile tile, in AttentionPart part, int span, float* states, float* next)
    {
        for (var row = 0; row < part.RowCount; row++)
        {
            if (tile.Sees(row, span))
            {
                var offset = row * _shape.StateSize;
                RowState.Merge(states + offset, next + offset, _shape.PaddedValueSize);
            }
        }
    }

    private void Finish(in AttentionPart part, float* states, float* results)
    {
        for (var row = 0; row < part.RowCount; row++)
        {
            RowState.Finish(states + (row * _shape.StateSize), results + (HeadOf(part, row) * _shape.ValueSize), _shape.ValueSize);
        }
    }

    /// <summary>The index of a row's head among all heads of all tokens.</summary>
    private long HeadOf(in AttentionPart part, int row)
    {
        var (token, head) = Math.DivRem(part.FirstRow + row, _shape.GroupSize);
        return ((long)(part.FirstToken + token) * _shape.Heads) + (part.KvHead * _shape.GroupSize) + head;
    }

    /// <summary>There are as many as threads, so that one is free or about to be.</summary>
    private AttentionScratch TakeScratch()
    {
        while (true)
        {
            foreach (var scratch in _scratch)
            {
                if (scratch.TryTake())
                {
                    return scratch;
                }
            }
        }
    }

    private readonly struct Work(TiledAttention attention, int layer, float* queries, float* results) : IParallelWork
    {
        public void Run(int part) => attention.RunPart(layer, attention._plan[part], queries, results);
    }
}
