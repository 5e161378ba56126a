using ManagedSwarm.Tests.Gguf;
using ManagedSwarm.Tests.Transport.Libp2p.Yamux;
using ManagedSwarm.Transport.Weights;

namespace ManagedSwarm.Tests.Transport.Weights;

public sealed class ProgressMeterTests
{
    private readonly FakeTime _time = new();
    private readonly Recorded<WeightProgress> _told = new();
    private readonly ProgressMeter _meter;

    public ProgressMeterTests() => _meter = new(1000, _told, TimeSpan.FromSeconds(1), _time);

    [Fact]
    public void Tells_the_rate_of_what_comes_and_the_time_that_is_left()
    {
        _meter.Found(300);
        _time.Advance(TimeSpan.FromSeconds(1));
        _meter.Received(100);
        _time.Advance(TimeSpan.FromSeconds(1));
        _meter.Received(300);
        Assert.Equal([new(300, 1000, 0, null), new(400, 1000, 100, 6), new(700, 1000, 200, 1.5)], _told.Values);
    }

    [Fact]
    public void Tells_no_more_often_than_asked_but_always_the_end()
    {
        _meter.Received(200);
        _meter.Received(200);
        _meter.Received(600);
        _meter.Report();
        Assert.Equal([200, 1000], _told.Values.Select(value => value.BytesDone));
        Assert.Equal(0, _told.Values[^1].SecondsLeft);
    }

    [Fact]
    public void The_rate_is_that_of_the_last_seconds()
    {
        for (var second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _meter.Received(second < 30 ? 1 : 10);
        }

        _meter.Report();
        Assert.Equal(10, _told.Values[^1].BytesPerSecond);
    }
}
