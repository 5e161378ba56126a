using System.Diagnostics.Metrics;
using ManagedSwarm.Engine.Diagnostics;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Tests.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Diagnostics;

public sealed class EngineMetricsTests
{
    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task Measures_tokens_times_and_room()
    {
        using var meters = new OneMeter();
        using var measured = new Measurements(meters);
        var stage = new ToyStage(40, isGated: true);
        var time = new ManualTime();
        var options = ToyGenerator.DefaultOptions with { CapacityTokens = 40, MaxSequences = 2 };
        await using var generator = new Generator(new ToyModel(), stage, ToyModel.Tokenizer, options, time, meters);
        var request = new GenerationRequest { Prompt = [5, 6, 7], MaxTokens = 3, Choices = 2, IgnoreEos = true };
        var (running, waiting) = (ReadAsync(generator, request), ReadAsync(generator, request));

        var steps = new List<ToyStep> { await stage.NextAsync(TestContext.Current.CancellationToken) };
        measured.Collect();
        Assert.Equal(1, measured.Last("managedswarm.queue.length"));
        Assert.Equal(2, measured.Last("managedswarm.sequences.active"));
        Assert.Equal(0.4, measured.Last("managedswarm.kv_cache.usage"));

        for (var step = 0; step < 6; step++)
        {
            time.Advance(TimeSpan.FromSeconds(step == 0 ? 2 : 0.5));
            steps[^1].Release();
            steps.Add(await stage.NextAsync(TestContext.Current.CancellationToken));
        }

        await Task.WhenAll(running, waiting);
        Assert.Equal([2, 2 + (2 * 0.5) + 0.5], measured.All("gen_ai.server.time_to_first_token"));
        Assert.Equal([0.5, 0.5, 0.5, 0.5], measured.All("gen_ai.server.time_per_output_token"));
        Assert.Equal(6, measured.All("managedswarm.tokens type=prompt").Sum());
        Assert.Equal(12, measured.All("managedswarm.tokens type=generated").Sum());
        measured.Collect();
        Assert.Equal(0, measured.Last("managedswarm.queue.length"));
        Assert.Equal(0, measured.Last("managedswarm.sequences.active"));
        Assert.Equal(0, measured.Last("managedswarm.kv_cache.usage"));
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task Measures_what_the_prefix_cache_saves_and_takes()
    {
        using var meters = new OneMeter();
        using var measured = new Measurements(meters);
        var options = ToyGenerator.DefaultOptions with { CapacityTokens = 40 };
        await using var generator = new Generator(new ToyModel(), new ToyStage(40), ToyModel.Tokenizer, options, new ManualTime(), meters);
        var request = new GenerationRequest { Prompt = [.. Enumerable.Range(2, 10)], MaxTokens = 4, IgnoreEos = true };
        await ReadAsync(generator, request);
        await ReadAsync(generator, request);
        Assert.Equal([10, 10], measured.All("managedswarm.prefix_cache.queries"));
        Assert.Equal([0, 8], measured.All("managedswarm.prefix_cache.hits"));
        Assert.Equal([10, 2], measured.All("managedswarm.tokens type=prompt"));
        measured.Collect();
        Assert.Equal(0.3, measured.Last("managedswarm.prefix_cache.usage"));
        Assert.Equal(0, measured.Last("managedswarm.kv_cache.usage"));
    }

    private static async Task ReadAsync(Generator generator, GenerationRequest request)
    {
        await foreach (var said in generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            Assert.NotNull(said);
        }
    }

    /// <summary>A clock that stands still until it is told.</summary>
    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>Makes the meter of this test, that no other test's listener takes for its own.</summary>
    private sealed class OneMeter : IMeterFactory
    {
        public Meter? Meter { get; private set; }

        public Meter Create(MeterOptions options)
        {
            Assert.Equal(EngineMetrics.MeterName, options.Name);
            return Meter = new Meter(options);
        }

        public void Dispose() => Meter?.Dispose();
    }

    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly Lock _gate = new();
        private readonly List<(string Name, double Value)> _all = [];

        public Measurements(OneMeter meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == EngineMetrics.MeterName && (meters.Meter is null || instrument.Meter == meters.Meter))
                {
                    listener.EnableMeasurementEvents(instrument, instrument.Meter);
                }
            };
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) => Note(instrument, value, tags, state, meters));
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, state) => Note(instrument, value, tags, state, meters));
            _listener.SetMeasurementEventCallback<int>((instrument, value, tags, state) => Note(instrument, value, tags, state, meters));
            _listener.Start();
        }

        public void Collect() => _listener.RecordObservableInstruments();

        public double Last(string name) => All(name)[^1];

        public List<double> All(string name)
        {
            lock (_gate)
            {
                return [.. _all.Where(one => one.Name == name).Select(one => one.Value)];
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? meter, OneMeter ours)
        {
            if (!ReferenceEquals(meter, ours.Meter))
            {
                return;
            }

            lock (_gate)
            {
                _all.Add((tags.Length == 0 ? instrument.Name : $"{instrument.Name} {tags[0].Key}={tags[0].Value}", value));
            }
        }
    }
}
