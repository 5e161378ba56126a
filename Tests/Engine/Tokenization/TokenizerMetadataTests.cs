using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Tokenization;
using ManagedSwarm.Gguf;

namespace ManagedSwarm.Tests.Engine.Tokenization;

public class TokenizerMetadataTests
{
    private static readonly string[] Merges = ["a b", "ab c"];

    [Fact]
    public void Rejects_metadata_without_a_tokenizer()
        => AssertError("missing_tokenizer", "'tokenizer.ggml.model' is missing", TinyVocabulary.SentencePiece().Remove("model"));

    [Theory]
    [InlineData("no_vocab")]
    [InlineData("none")]
    public void Rejects_a_model_that_says_it_has_no_vocabulary(string model)
        => AssertError("missing_tokenizer", $"is '{model}'", TinyVocabulary.SentencePiece().Set("model", model));

    [Fact]
    public void Rejects_missing_tokens()
        => AssertError("missing_tokenizer", "'tokenizer.ggml.tokens' is missing", TinyVocabulary.SentencePiece().Remove("tokens"));

    [Fact]
    public void Rejects_an_empty_list_of_tokens()
        => AssertError("missing_tokenizer", "'tokenizer.ggml.tokens'", TinyVocabulary.SentencePiece().Set("tokens", Array.Empty<string>()));

    [Fact]
    public void Rejects_another_kind_of_tokenizer_by_name_and_lists_the_supported_ones()
        => AssertError(
            "unsupported_tokenizer",
            "'bert' ('tokenizer.ggml.model') is not supported; supported are llama, gpt2",
            TinyVocabulary.SentencePiece().Set("model", "bert"));

    [Fact]
    public void Rejects_an_unknown_pre_tokenizer_by_name_and_lists_the_supported_ones()
    {
        var error = AssertError("unsupported_tokenizer", "'tekken'", TinyVocabulary.ByteLevel(Merges).Set("pre", "tekken"));
        foreach (var name in (string[])["llama-bpe", "llama3", "qwen2", "gpt-2", "smollm", "default"])
        {
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Rejects_a_pre_tokenizer_that_is_not_a_text()
        => Assert.Throws<GgufFormatException>(() => TinyVocabulary.ByteLevel(Merges).Set("pre", 7).Make());

    [Fact]
    public void Rejects_tokens_that_are_not_texts()
        => Assert.Throws<GgufFormatException>(() => TinyVocabulary.ByteLevel(Merges).Set("tokens", new[] { 1, 2 }).Make());

    [Fact]
    public void Rejects_a_token_that_occurs_twice()
        => AssertInvalid("has 'ab' twice, as 259 and 260", TinyVocabulary.SentencePiece("ab", "ab"));

    [Fact]
    public void Says_what_is_wrong_in_one_short_line()
    {
        var text = "\n" + new string('x', 400);
        var error = AssertError("invalid_tokenizer", "has '?xxx", TinyVocabulary.SentencePiece(text, text));
        Assert.DoesNotContain('\n', error.Message);
        Assert.InRange(error.Message.Length, 1, 200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(258)]
    [InlineData(260)]
    public void Rejects_scores_of_the_wrong_length(int count)
        => AssertInvalid($"'tokenizer.ggml.scores' has {count} elements", TinyVocabulary.SentencePiece().Set("scores", new float[count]));

    [Fact]
    public void Rejects_types_of_the_wrong_length()
        => AssertInvalid("'tokenizer.ggml.token_type' has 3 elements", TinyVocabulary.ByteLevel(Merges).Set("token_type", new[] { 1, 1, 1 }));

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    public void Rejects_a_type_that_does_not_exist(int type)
    {
        var types = new int[259];
        types[5] = type;
        AssertInvalid($"element 5 of 'tokenizer.ggml.token_type' is {type}", TinyVocabulary.SentencePiece().Set("token_type", types));
    }

    [Fact]
    public void Rejects_scores_that_are_not_numbers()
    {
        var scores = new float[259];
        scores[9] = float.NaN;
        AssertInvalid("element 9 of 'tokenizer.ggml.scores'", TinyVocabulary.SentencePiece().Set("scores", scores));
    }

    [Fact]
    public void Rejects_a_sentencepiece_vocabulary_without_scores()
        => AssertInvalid("'tokenizer.ggml.scores' is missing", TinyVocabulary.SentencePiece().Remove("scores"));

    [Theory]
    [InlineData("bos_token_id", 259L)]
    [InlineData("eos_token_id", 259L)]
    [InlineData("eot_token_id", 100000L)]
    [InlineData("unknown_token_id", -2L)]
    public void Rejects_special_tokens_that_do_not_exist(string name, long id)
        => AssertInvalid($"'tokenizer.ggml.{name}' is {id}; allowed are 0 to 258", TinyVocabulary.SentencePiece().Set(name, id));

    [Fact]
    public void Rejects_adding_a_bos_that_does_not_exist()
        => AssertInvalid("'tokenizer.ggml.add_bos_token' is true", TinyVocabulary.ByteLevel(Merges).Set("add_bos_token", true));

    [Fact]
    public void Rejects_a_byte_token_that_names_no_byte()
    {
        var types = Enumerable.Repeat((int)TokenType.Byte, 260).ToArray();
        Array.Fill(types, (int)TokenType.Normal, 0, 259);
        AssertInvalid("byte token 259 is '<0xZZ>'", TinyVocabulary.SentencePiece("<0xZZ>").Set("token_type", types));
    }

    [Fact]
    public void Rejects_a_vocabulary_that_cannot_spell_every_byte()
        => AssertInvalid(
            "neither a token '<0x00>' nor an unknown token",
            new TinyVocabulary().Set("model", "llama").Set("tokens", new[] { "a" }).Set("scores", new float[1])
                .Set("unknown_token_id", uint.MaxValue));

    [Fact]
    public void Rejects_a_piece_of_absurd_length()
        => AssertInvalid("is 600 characters long", TinyVocabulary.SentencePiece(new string('a', 600)));

    [Fact]
    public void Rejects_a_byte_level_vocabulary_without_merges()
        => AssertInvalid("'tokenizer.ggml.merges' is missing", TinyVocabulary.ByteLevel(Merges).Remove("merges"));

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData(" a")]
    [InlineData("a ")]
    [InlineData("a b c")]
    [InlineData("a  b")]
    public void Rejects_a_merge_that_is_not_two_tokens(string merge)
        => AssertInvalid($"element 1 of 'tokenizer.ggml.merges' is '{merge}'", TinyVocabulary.ByteLevel(Merges).Set("merges", new[] { "a b", merge }));

    [Theory]
    [InlineData("xyz a", "'xyz' is not a token")]
    [InlineData("a xyz", "'xyz' is not a token")]
    [InlineData("b a", "'ba' is not a token")]
    public void Rejects_a_merge_of_what_are_no_tokens(string merge, string reason)
        => AssertInvalid(reason, TinyVocabulary.ByteLevel(Merges).Set("merges", new[] { merge }));

    [Fact]
    public void Takes_llama_cpp_defaults_where_a_sentencepiece_file_says_nothing()
    {
        var tokenizer = TinyVocabulary.SentencePiece("▁", "a").Make();
        Assert.Equal((1, 2), (tokenizer.BosToken, tokenizer.EosToken));
        Assert.Equal([1, 259, 260], tokenizer.Encode("a", addSpecial: true, parseSpecial: false));
    }

    [Fact]
    public void Honours_add_bos_add_eos_and_add_space_prefix()
    {
        var tokenizer = TinyVocabulary.SentencePiece("▁", "a")
            .Set("add_bos_token", false).Set("add_eos_token", true).Set("add_space_prefix", false).Make();
        Assert.Equal([260, 2], tokenizer.Encode("a", addSpecial: true, parseSpecial: false));
        Assert.Equal([260], tokenizer.Encode("a", addSpecial: false, parseSpecial: false));
        Assert.Equal(" a", tokenizer.Decode([259, 260]));
    }

    [Fact]
    public void Takes_the_largest_number_for_no_such_token()
    {
        var tokenizer = TinyVocabulary.SentencePiece("▁", "a")
            .Set("bos_token_id", uint.MaxValue).Set("eos_token_id", -1).Set("padding_token_id", uint.MaxValue).Make();
        Assert.Null(tokenizer.BosToken);
        Assert.Null(tokenizer.EosToken);
        Assert.Equal([259, 260], tokenizer.Encode("a", addSpecial: true, parseSpecial: false));
    }

    [Fact]
    public void Adds_bos_by_default_to_llama_bpe_but_not_to_gpt_2()
    {
        var vocabulary = TinyVocabulary.ByteLevel(Merges, ("<bos>", TokenType.Control)).Set("bos_token_id", 258);
        Assert.Equal([257], vocabulary.Make().Encode("abc", addSpecial: true, parseSpecial: false));
        Assert.Equal([258, 257], vocabulary.Set("pre", "llama-bpe").Make().Encode("abc", addSpecial: true, parseSpecial: false));
        Assert.Equal([257], vocabulary.Set("add_bos_token", false).Make().Encode("abc", addSpecial: true, parseSpecial: false));
    }

    [Fact]
    public void Reads_a_byte_level_file_without_a_pre_tokenizer_as_default()
    {
        var digits = TinyVocabulary.ByteLevel(["1 2", "12 3", "123 4"]).Remove("pre").Make();
        // The default cuts numbers into threes.
        Assert.Equal(["123", "4"], digits.Encode("1234", false, false).Select(digits.GetPiece));
    }

    [Fact]
    public void Infers_types_where_the_file_has_none()
    {
        var tokenizer = TinyVocabulary.SentencePiece("▁", "a").Remove("token_type").Make();
        Assert.Equal([259, 260, 13], tokenizer.Encode("a\n", addSpecial: false, parseSpecial: false));
        Assert.Equal("a\n", tokenizer.Decode([1, 259, 260, 13, 2]));
    }

    [Fact]
    public void Ends_replies_at_eos_eot_eom_and_at_well_known_texts()
    {
        var tokenizer = TinyVocabulary
            .ByteLevel(
                [],
                ("<eos>", TokenType.Control),
                ("<turn>", TokenType.Control),
                ("<message>", TokenType.Control),
                ("<|im_end|>", TokenType.UserDefined),
                ("<other>", TokenType.Control))
            .Set("eos_token_id", 256).Set("eot_token_id", 257).Set("eom_token_id", 258).Make();
        Assert.Equal([256, 257, 258, 259], tokenizer.EndOfGenerationTokens.Order());
        // What ends a reply is a control token, whatever the converter thought.
        Assert.DoesNotContain(259, tokenizer.Encode("<|im_end|>", addSpecial: false, parseSpecial: false));
        Assert.True(tokenizer.GetBytes(259).IsEmpty);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(259)]
    public void Rejects_tokens_out_of_range(int token)
    {
        var tokenizer = TinyVocabulary.SentencePiece().Make();
        Assert.Equal("token_out_of_range", Assert.Throws<EngineException>(() => tokenizer.GetBytes(token)).Code);
        Assert.Equal("token_out_of_range", Assert.Throws<EngineException>(() => tokenizer.GetPiece(token)).Code);
        Assert.Equal("token_out_of_range", Assert.Throws<EngineException>(() => tokenizer.Decode([token])).Code);
    }

    private static void AssertInvalid(string message, TinyVocabulary vocabulary) => AssertError("invalid_tokenizer", message, vocabulary);

    private static EngineException AssertError(string code, string message, TinyVocabulary vocabulary)
    {
        var error = Assert.Throws<EngineException>(vocabulary.Make);
        Assert.Equal(code, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        return error;
    }
}
