namespace ManagedSwarm.Tests.Engine.Tokenization;

public class RoundTripTests
{
    public static TheoryData<string> Vocabularies => SharedTokenizers.Vocabularies;

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Gives_random_text_back_exactly(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        var random = new Random(6);
        for (var round = 0; round < 1000; round++)
        {
            var text = RandomText.Next(random, random.Next(1, 40));
            // SentencePiece writes spaces as ▁, and so cannot tell the two apart.
            text = name == "llama-spm" ? text.Replace('▁', '_') : text;
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecial: true, parseSpecial: false)));
        }
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Replaces_lone_surrogates(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        var ids = tokenizer.Encode("a\uD83Eb\uDD99", addSpecial: false, parseSpecial: true);
        Assert.Equal(tokenizer.Encode("a\uFFFDb\uFFFD", addSpecial: false, parseSpecial: true), ids);
        Assert.Equal("a\uFFFDb\uFFFD", tokenizer.Decode(ids));
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Takes_one_word_of_a_million_letters(string name)
    {
        // Quadratic time would take hours here.
        var tokenizer = SharedTokenizers.Vocabulary(name);
        var text = new string('a', 1_000_000);
        var ids = tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
        Assert.InRange(ids.Length, 10_000, 500_000);
        Assert.Equal(text, tokenizer.Decode(ids));
    }

    [Theory]
    [InlineData("llama-spm")]
    [InlineData("llama-bpe")]
    public void Takes_a_prompt_of_ten_million_characters(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        const string sentence = "Once upon a time, 'twas 1234 llamas 🦙\n\n   who'd say <|eot_id|> </s>. ";
        var text = string.Concat(Enumerable.Repeat(sentence, 10_000_000 / sentence.Length));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecial: false, parseSpecial: false)));
    }

    [Theory]
    [InlineData("llama-bpe")]
    [InlineData("qwen2")]
    [InlineData("gpt-2")]
    public void Takes_a_million_line_breaks_and_a_million_special_tokens(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        var lines = new string('\n', 1_000_000);
        Assert.Equal(lines, tokenizer.Decode(tokenizer.Encode(lines, addSpecial: false, parseSpecial: true)));
        var eos = tokenizer.EosToken!.Value;
        var marks = string.Concat(Enumerable.Repeat(tokenizer.GetPiece(eos), 1_000_000));
        var ids = tokenizer.Encode(marks, addSpecial: false, parseSpecial: true);
        Assert.Equal(1_000_000, ids.Length);
        Assert.True(Array.TrueForAll(ids, id => id == eos));
    }

    [Fact]
    public void Serves_many_threads()
    {
        var tokenizer = SharedTokenizers.Vocabulary("qwen2");
        var random = new Random(8);
        var texts = Enumerable.Range(0, 200).Select(_ => RandomText.Next(random, 30)).ToArray();
        var expected = texts.Select(text => tokenizer.Encode(text, false, false)).ToArray();
        Parallel.For(0, texts.Length, i => Assert.Equal(expected[i], tokenizer.Encode(texts[i], false, false)));
    }
}
