using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;
using ManagedSwarm.Engine.Sampling;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class RequestRulesTests
{
    private static readonly RequestRules Rules =
        new(new GeneratorOptions { HiddenSize = 1, ContextLength = 10, CapacityTokens = 40, MaxSequences = 4 }, vocabularySize: 20);

    private static readonly GenerationRequest Request = new() { Prompt = [1, 2, 3] };

    [Theory]
    [InlineData(3, null, 7)]
    [InlineData(9, null, 1)]
    [InlineData(3, 7, 7)]
    [InlineData(3, 2, 2)]
    public void Without_max_tokens_a_reply_may_fill_the_context(int prompt, int? maxTokens, int expected) =>
        Assert.Equal(expected, Rules.Check(new GenerationRequest { Prompt = new int[prompt], MaxTokens = maxTokens }));

    [Theory]
    [InlineData(11, null, "your messages resulted in 11 tokens. Please reduce the length of the messages.")]
    [InlineData(11, 1, "your messages resulted in 11 tokens. Please reduce the length of the messages.")]
    [InlineData(10, null, "your messages resulted in 10 tokens, which leaves no room for a reply. Please reduce the length of the messages.")]
    [InlineData(3, 8, "you requested 11 tokens (3 in the messages, 8 in the completion). "
        + "Please reduce the length of the messages or completion.")]
    [InlineData(3, int.MaxValue, "you requested 2147483650 tokens (3 in the messages, 2147483647 in the completion). "
        + "Please reduce the length of the messages or completion.")]
    public void Rejects_more_than_the_context(int prompt, int? maxTokens, string message)
    {
        var error = Reject(new GenerationRequest { Prompt = new int[prompt], MaxTokens = maxTokens });
        Assert.Equal("context_length_exceeded", error.Code);
        Assert.Equal("prompt", error.Parameter);
        Assert.Equal($"This model's maximum context length is 10 tokens. However, {message}", error.Message);
    }

    [Fact]
    public void Rejects_an_empty_prompt() => Assert.Equal("empty_prompt", Reject(new GenerationRequest { Prompt = [] }).Code);

    [Theory]
    [InlineData(-1)]
    [InlineData(20)]
    public void Rejects_a_token_that_the_vocabulary_lacks(int token)
    {
        var error = Reject(new GenerationRequest { Prompt = [1, token] });
        Assert.Equal("token_out_of_range", error.Code);
        Assert.Equal("prompt", error.Parameter);
        Assert.Equal($"token 1 of the prompt is {token}; allowed are 0 to 19", error.Message);
    }

    [Fact]
    public void Rejects_numbers_out_of_range()
    {
        foreach (var bad in (GenerationRequest[])[
            Request with { Choices = 0 },
            Request with { Choices = 5 },
            Request with { MaxTokens = 0 },
            Request with { MaxTokens = -1 },
            Request with { TopLogProbs = -1 },
            Request with { TopLogProbs = 21 },
            Request with { Stop = [""] },
            Request with { Stop = ["\uD83D"] },
            Request with { Stop = ["\uDE00x"] },
            Request with { Stop = ["a\uD83Db"] },
            Request with { Sampling = new SamplingOptions { TopP = 2 } }])
        {
            Assert.Equal("invalid_value", Reject(bad).Code);
        }
    }

    [Fact]
    public void Takes_stops_of_any_whole_characters() =>
        Assert.Equal(7, Rules.Check(Request with { Stop = ["😀", "a😀😁", "\uFFFD"] }));

    [Fact]
    public async Task The_generator_throws_before_the_first_event()
    {
        await using var toy = new ToyGenerator();
        foreach (var (request, code) in new[] { (Request with { Prompt = [] }, "empty_prompt"), (Request with { Choices = 6 }, "capacity_exceeded") })
        {
            var error = await Assert.ThrowsAsync<EngineException>(() => toy.RunAsync(request, TestContext.Current.CancellationToken));
            Assert.Equal(code, error.Code);
        }
    }

    private static EngineException Reject(GenerationRequest request) => Assert.Throws<EngineException>(() => Rules.Check(request));
}
