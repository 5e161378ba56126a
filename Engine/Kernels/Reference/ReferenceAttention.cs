using System.Buffers;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Kernels.Reference;

/// <summary>Causal attention in f32, one query after the other.</summary>
internal sealed unsafe class ReferenceAttention(ModelConfig config, KvCache cache, ComputeThreads threads) : IAttention
{
    private readonly float _scale = 1f / MathF.Sqrt(config.KeyHeadSize);
    private readonly int _kvHeads = config.KvHeadCount;

    public void Run(int layer, StepBatch batch, float* queries, float* results)
    {
        var work = new Work(this, layer, batch, queries, results);
        threads.Run(batch.Segments.Length * config.KvHeadCount, ref work);
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

    private readonly struct Work(ReferenceAttention attention, int layer, StepBatch batch, float* queries, float* results)
        : IParallelWork
    {
        public void Run(int part)
        {
            var segments = batch.Segments;
            var kvHeads = attention._kvHeads;
            var index = part / kvHeads;
            var firstToken = 0L;
            for (var i = 0; i < index; i++)
            {
                firstToken += segments[i].TokenCount;
            }

            attention.RunHead(
                layer,
                segments[index],
                part % kvHeads,
                queries + (firstToken * attention.QueryStride),
                results + (firstToken * attention.ResultStride));
        }
    }
}
