using ManagedSwarm.Server.Pages.Chat;

namespace ManagedSwarm.Tests.Server.Pages.Chat;

public sealed class ConversationTextTests
{
    private static readonly Conversation Sample = new()
    {
        Id = "abc",
        Model = "tales",
        SystemPrompt = "Be <brief> & kind.",
        Sampling = new() { Temperature = 0.5, Seed = long.MaxValue, MaxTokens = 9 },
        Turns =
        [
            new(TurnRole.User, "Hi \"there\" \U0001F98A"),
            new(TurnRole.Assistant, "Yes", new("tales", ReplyEnd.Stopped, 3, 4, true, 0.25, 50.5, [new("w0", "0..2", 1, 2, 3), new("w1", "3..5")], "no")),
        ],
    };

    [Fact]
    public void What_is_kept_comes_back()
    {
        var read = ConversationText.Read(ConversationText.Write(Sample)!)!;

        Assert.Equal(Sample with { Turns = [] }, read with { Turns = [] });
        Assert.Equal(Sample.Turns[0], read.Turns[0]);
        Assert.Equal(Sample.Turns[1].Facts! with { Nodes = [] }, read.Turns[1].Facts! with { Nodes = [] });
        Assert.Equal(Sample.Turns[1].Facts!.Nodes, read.Turns[1].Facts!.Nodes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"version\":1}")]
    [InlineData("{\"version\":2,\"conversation\":{\"id\":\"a\"}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"turns\":[]}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"\"}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"turns\":null}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"turns\":[null]}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"turns\":[{\"role\":0}]}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"turns\":[{\"role\":9,\"text\":\"a\"}]}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"turns\":[{\"role\":1,\"text\":\"a\",\"facts\":{\"model\":\"m\"}}]}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"sampling\":null}}")]
    [InlineData("{\"version\":1,\"conversation\":{\"id\":\"a\",\"system_prompt\":null}}")]
    public void Anything_else_is_none(string? text) => Assert.Null(ConversationText.Read(text));

    [Fact]
    public void What_is_too_long_loses_its_oldest_turns()
    {
        var turns = Enumerable.Range(0, 100).Select(i => new Turn(TurnRole.User, i + new string('x', 10_000))).ToList();

        var text = ConversationText.Write(Sample with { Turns = turns })!;

        Assert.InRange(text.Length, 100_000, ConversationText.MaxLength);
        Assert.Equal(turns[^1], ConversationText.Read(text)!.Turns[^1]);
        Assert.Null(ConversationText.Write(Sample with { Turns = [new(TurnRole.User, new string('x', ConversationText.MaxLength))] }));
    }

    [Fact]
    public void A_title_is_the_beginning_of_the_first_question()
    {
        Assert.Equal("New chat", Conversation.New().Title);
        Assert.Equal("Hi \"there\" \U0001F98A", Sample.Title);
        var title = (Sample with { Turns = [new(TurnRole.User, "a \n b " + new string('c', 100))] }).Title;
        Assert.Equal(Conversation.MaxTitle, title.Length);
        Assert.StartsWith("a b ccc", title, StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_conversation_keeps_the_settings()
    {
        var next = Conversation.New(Sample);

        Assert.Equal((Sample.Model, Sample.SystemPrompt, Sample.Sampling), (next.Model, next.SystemPrompt, next.Sampling));
        Assert.Empty(next.Turns);
        Assert.NotEqual(Sample.Id, next.Id);
    }
}
