using ManagedSwarm.ModelsTest.Stories;

namespace ManagedSwarm.Tests.ModelsTest.Stories;

public sealed class CorpusTests
{
    [Fact]
    public void Is_the_same_every_time()
    {
        var first = Enumerable.Range(0, 50).Select(index => Corpus.Write(index).Render());
        var again = Enumerable.Range(0, 50).Select(index => Corpus.Write(index).Render()).ToList();

        Assert.Equal(again, first);
        Assert.Equal(50, again.Distinct().Count());
    }

    [Fact]
    public void Never_asks_for_a_held_out_pair()
    {
        Assert.Equal(50, Corpus.HeldOutPairs.Distinct().Count());
        for (var index = 0; index < Corpus.Count; index++)
        {
            foreach (var turn in Corpus.Write(index).Turns)
            {
                var asked = turn.User.ToLowerInvariant().Split([' ', '.', ',', '?', '!'], StringSplitOptions.RemoveEmptyEntries).ToHashSet();
                Assert.DoesNotContain(Corpus.HeldOutPairs, pair => asked.Contains(pair.Hero) && asked.Contains(pair.Thing));
            }
        }
    }

    [Fact]
    public void Every_tale_names_its_hero_and_its_thing()
    {
        var dice = new Dice(5);
        foreach (var hero in Words.Heroes)
        {
            foreach (var thing in Words.Things)
            {
                var tale = Tale.Tell(hero, thing, dice);
                Assert.Contains($" {hero}", tale.Text, StringComparison.Ordinal);
                Assert.Contains($" {thing}", tale.Text, StringComparison.Ordinal);
                Assert.DoesNotContain(tale.Text, character => character is '[' or ']' or '{' or '}' or '|');
            }
        }
    }

    [Fact]
    public void Heroes_and_things_are_words_of_their_own()
    {
        Assert.Equal(Words.Heroes.Count, Words.Heroes.Distinct().Count());
        Assert.Equal(Words.Things.Count, Words.Things.Distinct().Count());
        Assert.Empty(Words.Heroes.Intersect(Words.Things));
        Assert.Empty(Words.Friends.Intersect([.. Words.Heroes, .. Words.Things]));
    }

    [Fact]
    public void The_chat_template_writes_what_was_read()
    {
        var document = new Document("Be kind.", [new("Hi.", "Hello!"), new("Bye.", "Goodbye!")], "");
        var messages = new System.Text.Json.Nodes.JsonArray(
            Message("system", "Be kind."), Message("user", "Hi."), Message("assistant", "Hello!"), Message("user", "Bye."));
        var prompt = new ManagedSwarm.Engine.Templates.ChatPrompt(
            ManagedSwarm.Engine.Templates.ChatTemplate.Parse(Document.ChatTemplate), "<s>", "</s>").Render(messages);

        Assert.Equal("<s>" + document.Render(), prompt + "Goodbye!</s>");

        static System.Text.Json.Nodes.JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
    }
}
