using ManagedSwarm.Server.OpenAi;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.OpenAi;

public sealed class TokenRateTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Counts_the_tokens_of_all_replies_while_there_are_any()
    {
        var rate = new TokenRate(_time);
        rate.Begin();
        rate.Begin();
        Assert.Equal(0, rate.TokensPerSecond);
        Speak(rate, seconds: 2, perSecond: 30);
        rate.End();
        rate.End();
        Assert.Equal(30, rate.TokensPerSecond);

        // An hour without replies changes nothing.
        _time.Advance(TimeSpan.FromHours(1));
        rate.Begin();
        Speak(rate, seconds: 2, perSecond: 30);
        Assert.Equal(30, rate.TokensPerSecond);
    }

    [Fact]
    public void Follows_a_change()
    {
        var rate = new TokenRate(_time);
        rate.Begin();
        Speak(rate, seconds: 2, perSecond: 100);
        Speak(rate, seconds: 2, perSecond: 10);
        Assert.InRange(rate.TokensPerSecond, 60, 80);
        Speak(rate, seconds: 40, perSecond: 10);
        Assert.InRange(rate.TokensPerSecond, 10, 11);
    }

    [Fact]
    public void A_time_with_fewer_replies_at_once_counts_less()
    {
        var rate = new TokenRate(_time);
        for (var i = 0; i < 10; i++)
        {
            rate.Begin();
        }

        Speak(rate, seconds: 2, perSecond: 100);
        for (var i = 0; i < 9; i++)
        {
            rate.End();
        }

        Speak(rate, seconds: 2, perSecond: 20);
        Assert.InRange(rate.TokensPerSecond, 95, 99);
        Speak(rate, seconds: 400, perSecond: 20);
        Assert.InRange(rate.TokensPerSecond, 20, 21);
    }

    private void Speak(TokenRate rate, int seconds, int perSecond)
    {
        for (var i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            rate.Add(perSecond);
        }
    }
}
