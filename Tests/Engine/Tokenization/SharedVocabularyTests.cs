using System.Globalization;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Tokenization;

/// <summary>llama.cpp's own cases for its vocabularies: each must be exact, there and back.</summary>
public class SharedVocabularyTests
{
    private const int CasesPerVocabulary = 46;

    public static TheoryData<string> Vocabularies => SharedTokenizers.Vocabularies;

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Encodes_every_case_as_llama_cpp_does(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        var cases = ReadCases(name);
        Assert.Equal(CasesPerVocabulary, cases.Count);
        foreach (var (text, expected) in cases)
        {
            Assert.Equal(expected, tokenizer.Encode(text, addSpecial: false, parseSpecial: false));
        }
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Decodes_every_case_to_its_text(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        foreach (var (text, ids) in ReadCases(name))
        {
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Streams_every_case_to_its_text(string name)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        foreach (var (text, ids) in ReadCases(name))
        {
            var stream = new StreamingDetokenizer();
            var streamed = string.Concat(ids.Select(id => stream.Append(tokenizer.GetBytes(id).Span))) + stream.Flush();
            // A stream continues a prompt, and so keeps the space that SentencePiece puts before a text.
            Assert.Equal(name == "llama-spm" && text.Length > 0 ? " " + text : text, streamed);
        }
    }

    [Theory]
    [InlineData("llama-spm", 1, 2, new[] { 2 })]
    [InlineData("llama-bpe", 128000, 128001, new[] { 128001, 128009 })]
    [InlineData("gpt-2", 50256, 50256, new[] { 50256 })]
    [InlineData("qwen2", 151643, 151643, new[] { 151643, 151645 })]
    public void Knows_the_tokens_that_end_a_reply(string name, int bos, int eos, int[] endOfGeneration)
    {
        var tokenizer = SharedTokenizers.Vocabulary(name);
        Assert.Equal(bos, tokenizer.BosToken);
        Assert.Equal(eos, tokenizer.EosToken);
        Assert.Equal(endOfGeneration, tokenizer.EndOfGenerationTokens.Order());
    }

    [Theory]
    [InlineData("llama-spm", "Hello", new[] { 1, 15043 })]
    [InlineData("llama-bpe", "Hello", new[] { 128000, 9906 })]
    [InlineData("gpt-2", "Hello", new[] { 15496 })]
    [InlineData("qwen2", "Hello", new[] { 9707 })]
    [InlineData("llama-spm", "", new[] { 1 })]
    [InlineData("llama-bpe", "", new[] { 128000 })]
    public void Adds_bos_where_the_kind_of_vocabulary_has_it_by_default(string name, string text, int[] expected)
        => Assert.Equal(expected, SharedTokenizers.Vocabulary(name).Encode(text, addSpecial: true, parseSpecial: false));

    [Fact]
    public void Parses_control_tokens_only_where_asked()
    {
        var tokenizer = SharedTokenizers.Vocabulary("llama-bpe");
        const string text = "<|begin_of_text|>Hello<|eot_id|>";
        Assert.Equal([128000, 9906, 128009], tokenizer.Encode(text, addSpecial: false, parseSpecial: true));
        var plain = tokenizer.Encode(text, addSpecial: false, parseSpecial: false);
        Assert.All(plain, id => Assert.True(id < 128000));
        Assert.Equal(text, tokenizer.Decode(plain));
    }

    private static List<(string Text, int[] Ids)> ReadCases(string name)
    {
        var path = SharedTokenizers.VocabularyPath(name);
        var texts = File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n");
        var lines = File.ReadAllText(path + ".out").Split('\n');
        return [.. texts.Zip(lines).Take(CasesPerVocabulary).Select(pair => (pair.First, ReadIds(pair.Second)))];
    }

    private static int[] ReadIds(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
}
