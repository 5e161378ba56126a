using ManagedSwarm.ModelsTest.Stories;

namespace ManagedSwarm.Tests.ModelsTest.Stories;

public sealed class GrammarTests
{
    private static readonly Dictionary<string, string> Slots = new() { ["name"] = "ann", ["a hero"] = "an owl", ["who"] = "[{name}|{a hero}]" };

    [Fact]
    public void Fills_slots_and_begins_sentences()
    {
        Assert.Equal("ann met an owl. Ann! An owl!", Grammar.Write("{name} met {a hero}. {Name}! {A hero}!", Slots, new Dice(1)));
    }

    [Fact]
    public void Chooses_among_all_and_within_choices()
    {
        var dice = new Dice(1);
        var texts = Enumerable.Range(0, 100).Select(_ => Grammar.Write("[a|b[c|d|]] x", Slots, dice)).ToHashSet();

        Assert.Equal(["a x", "b x", "bc x", "bd x"], texts.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Slots_are_templates_too()
    {
        var dice = new Dice(1);
        var texts = Enumerable.Range(0, 100).Select(_ => Grammar.Write("{Who} slept", Slots, dice)).ToHashSet();

        Assert.Equal(["An owl slept", "Ann slept"], texts.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("a [b|c")]
    [InlineData("a b] c")]
    public void Refuses_half_a_choice(string template)
    {
        Assert.Throws<FormatException>(() => Grammar.Write(template, Slots, new Dice(1)));
    }

    [Theory]
    [InlineData("owl", "an owl")]
    [InlineData("fox", "a fox")]
    [InlineData("honest", "an honest")]
    public void Puts_the_article(string word, string expected)
    {
        Assert.Equal(expected, Grammar.WithArticle(word));
    }
}
