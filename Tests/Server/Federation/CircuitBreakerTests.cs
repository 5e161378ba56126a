using ManagedSwarm.Server.Federation;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class CircuitBreakerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BreakerOptions _options = new() { Failures = 3, FirstPause = TimeSpan.FromSeconds(1), MaxPause = TimeSpan.FromSeconds(3) };

    [Fact]
    public void Opens_after_failures_in_a_row_only()
    {
        var breaker = new CircuitBreaker(_options, _time);
        breaker.Failed();
        breaker.Failed();
        breaker.Succeeded();
        breaker.Failed();
        breaker.Failed();
        Assert.True(breaker.CanTry);
        breaker.Failed();
        Assert.Equal((true, false), (breaker.IsOpen, breaker.CanTry));
    }

    [Fact]
    public void Lets_one_request_try_after_a_pause_and_closes_with_it()
    {
        var breaker = Opened();
        _time.Advance(_options.FirstPause);
        Assert.True(breaker.CanTry);
        breaker.Begin();
        Assert.False(breaker.CanTry);
        breaker.Succeeded();
        Assert.Equal((false, true), (breaker.IsOpen, breaker.CanTry));
    }

    [Fact]
    public void Waits_twice_as_long_each_time_up_to_a_limit()
    {
        var breaker = Opened();
        foreach (var pause in new[] { 1, 2, 3, 3 })
        {
            _time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromTicks(1));
            Assert.False(breaker.CanTry);
            _time.Advance(TimeSpan.FromTicks(1));
            Assert.True(breaker.CanTry);
            breaker.Begin();
            breaker.Failed();
        }
    }

    [Fact]
    public void A_try_that_nobody_waits_for_leaves_the_next_one_free()
    {
        var breaker = Opened();
        _time.Advance(_options.FirstPause);
        breaker.Begin();
        breaker.Abandoned();
        Assert.Equal((true, true), (breaker.IsOpen, breaker.CanTry));
    }

    [Fact]
    public void Errors_open_it_where_there_is_nothing_else()
    {
        var breaker = new CircuitBreaker(_options, _time);
        for (var i = 0; i < 3 * _options.Errors; i++)
        {
            breaker.Erred();
            if (i % 5 == 4)
            {
                breaker.Succeeded();
            }
        }

        Assert.True(breaker.CanTry);
        for (var i = 0; i < _options.Errors; i++)
        {
            Assert.True(breaker.CanTry);
            breaker.Erred();
        }

        Assert.False(breaker.CanTry);
    }

    private CircuitBreaker Opened()
    {
        var breaker = new CircuitBreaker(_options, _time);
        for (var i = 0; i < _options.Failures; i++)
        {
            breaker.Begin();
            breaker.Failed();
        }

        return breaker;
    }
}
