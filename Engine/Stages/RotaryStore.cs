using ManagedSwarm.Engine.Kernels;
using ManagedSwarm.Engine.Model;

namespace ManagedSwarm.Engine.Stages;

/// <summary>Rotates a step's queries and keys to their positions, and keeps keys and values in the cache.</summary>
internal sealed unsafe class RotaryStore(ModelConfig config, RopeTable rope, KvCache cache, ComputeThreads threads)
{
    private readonly int _queryWidth = config.HeadCount * config.KeyHeadSize;
    private readonly int _keyWidth = config.KvHeadCount * config.KeyHeadSize;
    private readonly int _valueWidth = config.KvHeadCount * config.ValueHeadSize;
    private readonly KvCache _cache = cache;
    private float[] _cosines = [];
    private float[] _sines = [];

    /// <summary>Computes the angles of all tokens of the step: once for all layers.</summary>
    public void Begin(StepBatch batch)
    {
        var needed = checked(batch.TokenCount * rope.PairCount);
        if (_cosines.Length < needed)
        {
            (_cosines, _sines) = (new float[needed], new float[needed]);
        }

        var offset = 0;
        foreach (var segment in batch.Segments)
        {
            for (var i = 0; i < segment.TokenCount; i++, offset += rope.PairCount)
            {
                rope.Fill(segment.FirstPosition + i, _cosines.AsSpan(offset), _sines.AsSpan(offset));
            }
        }
    }

    /// <summary>Does one layer.</summary>
    /// <param name="layer">The layer within the stage.</param>
    /// <param name="batch">The step.</param>
    /// <param name="queries">(tokens, heads, keyHeadSize), rotated in place</param>
    /// <param name="keys">(tokens, kvHeads, keyHeadSize), rotated in place</param>
    /// <param name="values">(tokens, kvHeads, valueHeadSize)</param>
    public void Run(int layer, StepBatch batch, float* queries, float* keys, float* values) =>
        TokenWork.Run(threads, batch.TokenCount, _queryWidth + _keyWidth + _valueWidth, new Work(this, layer, batch, queries, keys, values));

    private int HeadCount => config.HeadCount;

    private int KvHeadCount => config.KvHeadCount;

    private void Rotate(float* heads, int headCount, int token)
    {
        var cosines = _cosines.AsSpan(token * rope.PairCount, rope.PairCount);
        var sines = _sines.AsSpan(token * rope.PairCount, rope.PairCount);
        Rotation.Apply(heads, headCount, config.KeyHeadSize, rope.Kind, cosines, sines);
    }

    private readonly struct Work(RotaryStore store, int layer, StepBatch batch, float* queries, float* keys, float* values) : ITokenWork
    {
        public void Run(int first, int count)
        {
            for (var token = first; token < first + count; token++)
            {
                store.Rotate(queries + ((long)token * store._queryWidth), store.HeadCount, token);
                store.Rotate(keys + ((long)token * store._keyWidth), store.KvHeadCount, token);
            }

            var start = 0;
            foreach (var segment in batch.Segments)
            {
                var from = Math.Max(first, start);
                var tokens = Math.Min(first + count, start + segment.TokenCount) - from;
                if (tokens > 0)
                {
                    Keep(segment, from, from - start, tokens);
                }

                start += segment.TokenCount;
            }
        }

        private void Keep(Segment segment, int token, int inSegment, int count) => store._cache.Write(
            layer,
            segment.Sequence,
            segment.FirstPosition + inSegment,
            count,
            keys + ((long)token * store._keyWidth),
            values + ((long)token * store._valueWidth));
    }
}
