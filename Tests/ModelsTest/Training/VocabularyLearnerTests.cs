using ManagedSwarm.ModelsTest.Stories;
using ManagedSwarm.ModelsTest.Training;

namespace ManagedSwarm.Tests.ModelsTest.Training;

public sealed class VocabularyLearnerTests
{
    private static readonly int Characters = 1 + ('~' - '!' + 1);

    [Fact]
    public void Merges_the_most_frequent_pair_first()
    {
        var pieces = VocabularyLearner.Learn(["low low low lower, no no"], Characters + 5);

        Assert.Equal(["lo", "low", "▁low", "no", "▁no"], pieces.Skip(Characters));
    }

    [Fact]
    public void Refuses_a_text_with_too_few_pieces()
    {
        Assert.Throws<ArgumentException>(() => VocabularyLearner.Learn(["ab"], Characters + 2));
    }

    [Fact]
    public void What_it_learned_spells_every_text()
    {
        var documents = Enumerable.Range(0, 2000).Select(Corpus.Write).ToList();
        var tokenizer = StoryModel.CreateTokenizer(StoryModel.LearnVocabulary(documents));

        foreach (var text in new[] { "Tell me a story about a fox and a lantern.", "Zürich ☃\n\tx  y", documents[3].Turns.Count > 0 ? documents[3].Turns[0].User : "a" })
        {
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecial: true, parseSpecial: false)));
        }

        var tokens = StoryModel.Tokenize(tokenizer, new Document(null, [new("Hi", "Hello")], ""));
        Assert.Equal((1, 2), (tokens[0], tokens[^1]));
        Assert.Equal("<s><|user|>Hi<|assistant|>Hello</s>", tokenizer.Decode(tokens, renderSpecial: true));
    }
}
