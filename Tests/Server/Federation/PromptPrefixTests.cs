using System.Text.Json;
using ManagedSwarm.Server.Federation;

namespace ManagedSwarm.Tests.Server.Federation;

public sealed class PromptPrefixTests
{
    private static readonly string Long = new('x', 3 * PromptPrefix.BlockBytes);

    [Fact]
    public void Prompts_that_begin_alike_have_the_same_first_numbers()
    {
        var (one, other) = (Of($$"""{"prompt":"{{Long}}a"}"""), Of($$"""{"stream":true,"prompt":"{{Long}}b{{Long}}"}"""));
        Assert.Equal(3, one.Count);
        Assert.Equal(one, other.Take(3));
        Assert.Equal(6, other.Distinct().Count());
    }

    [Fact]
    public void Another_model_has_other_numbers() =>
        Assert.Empty(Of($$"""{"prompt":"{{Long}}"}""").Intersect(Of($$"""{"prompt":"{{Long}}"}""", "other")));

    [Fact]
    public void A_conversation_that_goes_on_begins_as_before()
    {
        var first = $$"""{"role":"system","content":"{{Long}}"},{"role":"user","content":"{{Long}}"}""";
        var (begun, further) = (Of($$"""{"messages":[{{first}}]}"""), Of($$"""{"messages":[{{first}},{"role":"assistant","content":"{{Long}}"}]}"""));
        Assert.Equal(begun, further.Take(begun.Count));
        Assert.True(further.Count > begun.Count && begun.Count == 6);
    }

    [Fact]
    public void Short_and_strange_requests_have_none()
    {
        Assert.Empty(Of("""{"prompt":"short"}"""));
        Assert.Empty(Of("""{"messages":[1,"a",null,{"role":1},{}]}"""));
        Assert.Empty(Of("{}"));
    }

    [Fact]
    public void Only_so_much_of_a_prompt_is_looked_at() =>
        Assert.Equal(PromptPrefix.MaxBlocks, Of($$"""{"prompt":"{{new string('y', PromptPrefix.BlockBytes * (PromptPrefix.MaxBlocks + 9))}}"}""").Count);

    private static IReadOnlyList<ulong> Of(string json, string model = "m")
    {
        using var document = JsonDocument.Parse(json);
        return PromptPrefix.Of(model, document.RootElement);
    }
}
