using System.Diagnostics;
using System.Diagnostics.Metrics;
using ManagedSwarm.Engine.Model;
using ManagedSwarm.Engine.Stages;
using ManagedSwarm.Transport.Diagnostics;
using ManagedSwarm.Transport.Stages;

namespace ManagedSwarm.Bench.Hops;

/// <summary>A chain of workers that compute nothing, and what steps of one token take on their way through it.</summary>
internal sealed class HopChain : IAsyncDisposable
{
    /// <summary>Floats of a token.</summary>
    public const int HiddenSize = 2048;

    private const long Sequence = 1;

    private readonly StageChain _chain;
    private readonly MeterListener _listener = new();
    private readonly StepBatch _batch = new(0, 0, [], [], HiddenSize);
    private readonly int _workers;
    private double _computed;
    private double _waited;
    private long _steps;

    private HopChain(StageChain chain, int workers)
    {
        (_chain, _workers) = (chain, workers);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TransportMetrics.MeterName && instrument.Name.StartsWith("managedswarm.stage.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>(Count);
        _listener.Start();
    }

    /// <summary>Steps from one node to another that each step makes.</summary>
    public int Hops => _workers + 1;

    /// <param name="head">Whose chain it is.</param>
    /// <param name="workers">In order.</param>
    /// <param name="readBytes">Bytes of memory that each reads for a step.</param>
    public static async Task<HopChain> StartAsync(BenchHead head, IReadOnlyList<StageProcess> workers, int readBytes)
    {
        var plan = new ChainPlan
        {
            ModelName = BenchStageLoader.IdleName(readBytes),
            ModelHash = new string('0', 64),
            LayerCount = workers.Count,
            HiddenSize = HiddenSize,
            KvCache = new KvCacheOptions { CapacityTokens = 1 },
            Stages = [.. workers.Select((worker, i) => new StageAssignment { Worker = worker.Peer, Node = $"w{i}", Layers = new LayerRange(i, 1) })],
        };
        return new(await StageChain.StartAsync(head.Node, plan), workers.Count);
    }

    /// <summary>Takes steps through it, one after the other.</summary>
    /// <returns>Of each, in microseconds: a hop, all of it; and of that the hand-over to the threads that compute.</returns>
    public async Task<(double Hop, double Wait)[]> RunAsync(int steps)
    {
        var times = new (double, double)[steps];
        for (var i = 0; i < steps; i++)
        {
            (_computed, _waited) = (0, 0);
            _batch.Reset(_steps, 0, [], [new Segment(Sequence, (int)_steps, 1)]);
            _steps++;
            var start = Stopwatch.GetTimestamp();
            await _chain.StepAsync(_batch, CancellationToken.None);
            var elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
            times[i] = ((elapsed - _computed) * 1e6 / Hops, _waited * 1e6 / Hops);
        }

        return times;
    }

    public async ValueTask DisposeAsync()
    {
        await _chain.DisposeAsync();
        _listener.Dispose();
        _batch.Dispose();
    }

    /// <summary>The thread that receives a result tells what its step took, before anybody has it.</summary>
    private void Count(Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        if (instrument.Name == "managedswarm.stage.compute.duration")
        {
            _computed += seconds;
        }
        else if (instrument.Name == "managedswarm.stage.wait.duration")
        {
            _waited += seconds;
        }
    }
}
