using System.Text;
using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

/// <summary>A generator that goes on with the reply of another says what that one would have said.</summary>
public sealed class BegunReplyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> RequestNames =>
        [.. GeneratorTests.Requests.Where(request => request.Value is { Choices: 1, TopLogProbs: null }).Select(request => request.Key)];

    [Theory(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    [MemberData(nameof(RequestNames))]
    public async Task Goes_on_wherever_the_other_one_broke_off(string name)
    {
        var request = GeneratorTests.Requests[name];
        var whole = await RunAsync(request);
        for (var said = 0; said < whole.Count; said++)
        {
            var begun = whole[..said].OfType<TextGenerated>().ToList();
            var rest = await RunAsync(request with { Begun = new(TokensOf(begun), TextOf(begun).Length) });
            Assert.Equal(TextOf(whole), TextOf(begun) + TextOf(rest));
            Assert.Equal(TokensOf(whole), TokensOf(begun).Concat(TokensOf(rest)));
            Assert.Equal(End(whole), End(rest));
        }
    }

    [Fact]
    public void Says_nothing_twice_that_a_stop_text_held_back()
    {
        // The first 'a' is said only when the second one is there, and is the only token that is reported with it.
        var reply = new ReplyText(0, ["ab"]);
        Assert.Null(reply.Append(Token(1, "a")));
        var said = reply.Append(Token(2, "a"))!;
        Assert.Equal(("a", 1), (said.Text, Assert.Single(said.Tokens).Token));

        var other = new ReplyText(0, ["ab"]);
        other.Skip(Token(1, "a"));
        other.Said(1);
        Assert.Null(other.Append(Token(2, "a")));
        Assert.Equal("ac", other.Append(Token(3, "c"))!.Text);
    }

    [Fact(Timeout = GeneratorLifeTests.GuardMilliseconds)]
    public async Task Refuses_what_cannot_be()
    {
        var request = new GenerationRequest { Prompt = [5], MaxTokens = 3 };
        Assert.Equal("invalid_value", await CodeAsync(request with { Begun = new([1, 2, 3, 4], 0) }));
        Assert.Equal("invalid_value", await CodeAsync(request with { Begun = new([], 0), Choices = 2 }));
        Assert.Equal("invalid_value", await CodeAsync(request with { Begun = new([], -1) }));
        Assert.Equal("token_out_of_range", await CodeAsync(request with { Begun = new([-1], 0) }));
        Assert.Equal("token_out_of_range", await CodeAsync(request with { Begun = new([ToyModel.Tokenizer.VocabularySize], 0) }));
    }

    private static async Task<string> CodeAsync(GenerationRequest request) =>
        (await Assert.ThrowsAsync<EngineException>(() => RunAsync(request))).Code;

    private static async Task<List<GenerationEvent>> RunAsync(GenerationRequest request)
    {
        await using var toy = new ToyGenerator();
        var events = new List<GenerationEvent>();
        await foreach (var happened in toy.Generator.GenerateAsync(request, Cancellation))
        {
            events.Add(happened);
        }

        Assert.Empty(toy.Stage.Violations);
        return events;
    }

    private static string TextOf(IEnumerable<GenerationEvent> events) => string.Concat(events.OfType<TextGenerated>().Select(text => text.Text));

    private static int[] TokensOf(IEnumerable<GenerationEvent> events) =>
        [.. events.OfType<TextGenerated>().SelectMany(text => text.Tokens.Select(token => token.Token))];

    private static (FinishReason Reason, int Tokens) End(List<GenerationEvent> events)
    {
        var finished = Assert.IsType<ChoiceFinished>(events[^1]);
        return (finished.Reason, finished.TokenCount);
    }

    private static GeneratedToken Token(int id, string text) => new(id, Encoding.UTF8.GetBytes(text), float.NaN, []);
}
