using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Sampling;
using ManagedSwarm.Server.OpenAi;
using Microsoft.Extensions.Time.Testing;

namespace ManagedSwarm.Tests.Server.OpenAi;

public sealed class ReplyMeterTests : IAsyncDisposable
{
    private const int Tokens = ReplyMeter.MinTokens + 1;

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedGenerator _generator = new() { Load = new(1, 0) };

    public ValueTask DisposeAsync() => _generator.DisposeAsync();

    [Fact]
    public void Measures_the_first_token_and_each_further_one() =>
        Assert.Equal(new(3, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(10)), Run());

    [Fact]
    public void Measures_no_first_token_of_a_prompt_that_is_known() =>
        Assert.Equal(new(3, null, TimeSpan.FromMilliseconds(10)), Run(cached: 1));

    [Fact]
    public void Measures_no_short_reply() => Assert.Null(Run(tokens: Tokens - 1));

    [Fact]
    public void Measures_no_reply_with_others_beside_it()
    {
        Assert.Null(Run(choices: 2));
        Assert.Null(Run(at: (5, new(2, 0))));
        Assert.Null(Run(at: (5, new(1, 1))));
    }

    [Fact]
    public void Measures_no_reply_that_breaks_off() => Assert.Null(Run(isOver: false));

    private ReplyMeasurement? Run(
        int tokens = Tokens, int choices = 1, int cached = 0, bool isOver = true, (int Token, GeneratorLoad Load)? at = null)
    {
        var request = new ReplyRequest
        {
            Prompts = [new GenerationRequest { Prompt = [1, 2, 3], Choices = choices, Sampling = new SamplingOptions() }],
            Stream = false,
            IncludeUsage = false,
        };
        var meter = new ReplyMeter(request, _generator, _time);
        _time.Advance(TimeSpan.FromMilliseconds(90));
        for (var i = 0; i < tokens; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            _generator.Load = i == at?.Token ? at.Value.Load : new(1, 0);
            meter.Heard(new TextGenerated(0, "a", [new GeneratedToken(7, default, 0, [])]));
            // A part of a text without tokens is no token.
            meter.Heard(new TextGenerated(0, "", []));
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        if (isOver)
        {
            meter.Heard(new ChoiceFinished(0, FinishReason.Length, tokens) { CachedTokens = cached });
        }

        return meter.Result;
    }
}
