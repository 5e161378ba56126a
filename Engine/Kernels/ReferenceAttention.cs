using System.Buffers;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Kernels;

/// <summary>Causal attention in f32, one query after the other: what a token sees depends on its position alone, never on the batch.</summary>
internal sealed unsafe class ReferenceAttention(ModelConfig config, KvCache cache, ComputeThreads threads)
{
    private readonly float _scale = 1f / MathF.Sqrt(config.KeyHeadSize);

    /// <summary>Attends to each sequence's cache, in which the segments' own keys and values already are.</summary>
    /// <param name="layer">The layer within the stage, from 0.</param>
    /// <param name="batch">Its segments are in the order of the tokens.</param>
    /// <param name="queries">(tokens, heads, keyHeadSize)</param>
    /// <param name="results">(tokens, heads, valueHeadSize)</param>
    public void Run(int layer, StepBatch batch, float* queries, float* results)
    {
        var (q, r) = ((nint)queries, (nint)results);
        threads.Run(batch.Segments.Length * config.KvHeadCount, part =>
        {
            var segments = batch.Segments;
            var index = part / config.KvHeadCount;
            var firstToken = 0L;
            for (var i = 0; i < index; i++)
            {
                firstToken += segments[i].TokenCount;
            }

            RunHead(layer, segments[index], part % config.KvHeadCount, (float*)q + (firstToken * QueryStride), (float*)r + (firstToken * ResultStride));
        });
    }

    private int QueryStride => config.HeadCount * config.KeyHeadSize;

    private int ResultStride => config.HeadCount * config.ValueHeadSize;

    private void RunHead(int layer, Segment segment, int kvHead, float* queries, float* results)
    {
        var length = segment.FirstPosition + segment.TokenCount;
        var pool = ArrayPool<float>.Shared;
        var keyArray = pool.Rent(checked(length * config.KeyHeadSize));
        var valueArray = pool.Rent(checked(length * config.ValueHeadSize));
        var scoreArray = pool.Rent(length);
        fixed (float* keys = keyArray, values = valueArray, scores = scoreArray)
        {
            cache.ReadKeys(layer, segment.Sequence, kvHead, length, keys);
            cache.ReadValues(layer, segment.Sequence, kvHead, length, values);
            for (var t = 0; t < segment.TokenCount; t++)
            {
                for (var head = kvHead * config.HeadsPerKvHead; head < (kvHead + 1) * config.HeadsPerKvHead; head++)
                {
                    var query = queries + ((long)t * QueryStride) + (head * config.KeyHeadSize);
                    var result = results + ((long)t * ResultStride) + (head * config.ValueHeadSize);
                    Attend(query, keys, values, scores, result, segment.FirstPosition + t + 1);
                }
            }
        }

        pool.Return(keyArray);
        pool.Return(valueArray);
        pool.Return(scoreArray);
    }

    private void Attend(float* query, float* keys, float* values, float* scores, float* result, int visible)
    {
        for (var i = 0; i < visible; i++)
        {
            scores[i] = VectorMath.Dot(query, keys + ((long)i * config.KeyHeadSize), config.KeyHeadSize) * _scale;
        }

        VectorMath.Softmax(scores, visible);
        new Span<float>(result, config.ValueHeadSize).Clear();
        for (var i = 0; i < visible; i++)
        {
            VectorMath.AddScaled(result, values + ((long)i * config.ValueHeadSize), scores[i], config.ValueHeadSize);
        }
    }
}
