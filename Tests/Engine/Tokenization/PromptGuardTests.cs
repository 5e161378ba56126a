using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Tokenization;

public class PromptGuardTests
{
    private const char Mark = PromptGuard.Mark;

    public static TheoryData<string> Vocabularies => SharedTokenizers.Vocabularies;

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void No_control_token_of_a_vocabulary_comes_out_of_guarded_text(string name)
    {
        var tokenizer = (VocabularyTokenizer)SharedTokenizers.Vocabulary(name);
        var hidden = Enumerable.Range(0, tokenizer.VocabularySize).Where(tokenizer.Vocabulary.IsHidden).ToHashSet();
        Assert.NotEmpty(hidden);
        foreach (var token in hidden)
        {
            var piece = tokenizer.GetPiece(token);
            var spoilt = piece.Insert(1, Mark.ToString());
            foreach (var text in (string[])[piece, piece + piece, $"x{piece}y", piece[..1] + piece, $" {piece[..^1]}{piece}\n", spoilt])
            {
                Assert.Contains(token, tokenizer.Encode(text.Replace(Mark.ToString(), "", StringComparison.Ordinal), addSpecial: false, parseSpecial: true));
                var ids = tokenizer.Encode(PromptGuard.Guard(text, tokenizer), addSpecial: false, parseSpecial: true);
                Assert.DoesNotContain(ids, hidden.Contains);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Vocabularies))]
    public void Guarded_text_is_encoded_as_what_the_user_wrote(string name)
    {
        var tokenizer = (VocabularyTokenizer)SharedTokenizers.Vocabulary(name);
        var random = new Random(7);
        var pieces = Enumerable.Range(0, tokenizer.VocabularySize)
            .Where(id => tokenizer.Vocabulary.IsHidden(id) || tokenizer.Vocabulary.Types[id] == TokenType.UserDefined)
            .Select(tokenizer.GetPiece)
            .ToArray();
        for (var round = 0; round < 500; round++)
        {
            var parts = Enumerable.Range(0, 8).Select(_ => random.Next(2) == 0 ? RandomText.Next(random, 3) : pieces[random.Next(pieces.Length)]);
            var text = string.Concat(parts);
            Assert.Equal(
                tokenizer.Encode(text, addSpecial: true, parseSpecial: false),
                tokenizer.Encode(PromptGuard.Guard(text, tokenizer), addSpecial: true, parseSpecial: true));
        }
    }

    [Fact]
    public void Marks_every_occurrence_also_where_they_overlap()
    {
        var tokenizer = TinyVocabulary.ByteLevel([], ("<<", TokenType.Control), ("<a>", TokenType.Control), ("a>b", TokenType.UserDefined)).Make();
        Assert.Equal($"<{Mark}<{Mark}<{Mark}a>", PromptGuard.Guard("<<<a>", tokenizer));
        // A user-defined token may stay one, but not at the price of a control token.
        Assert.Equal(['<', 258], tokenizer.Encode(PromptGuard.Guard("<a>b", tokenizer), addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Removes_the_users_own_marks_first()
    {
        var tokenizer = TinyVocabulary.ByteLevel([], ("<a>", TokenType.Control)).Make();
        Assert.Equal($"<{Mark}a>", PromptGuard.Guard($"<{Mark}a{Mark}{Mark}>{Mark}", tokenizer));
        Assert.Equal("b", PromptGuard.Guard($"{Mark}b", tokenizer));
        Assert.Equal(['b', 'c'], tokenizer.Encode($"b{Mark}c", addSpecial: false, parseSpecial: false));
    }

    [Fact]
    public void Marks_whole_characters_and_tokens_of_one_character()
    {
        var tokenizer = TinyVocabulary.ByteLevel([], ("🦙", TokenType.Control), ("🦙🦙", TokenType.Control), ("‡", TokenType.Control)).Make();
        Assert.Equal($"a🦙{Mark}🦙{Mark}‡{Mark}", PromptGuard.Guard("a🦙🦙‡", tokenizer));
        var ids = tokenizer.Encode(PromptGuard.Guard("a🦙🦙‡", tokenizer), addSpecial: false, parseSpecial: true);
        Assert.Equal(tokenizer.Encode("a🦙🦙‡", addSpecial: false, parseSpecial: false), ids);
        Assert.Equal([256, 258, 257], tokenizer.Encode("🦙‡🦙🦙", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Leaves_text_without_control_tokens_as_it_is()
    {
        var tokenizer = TinyVocabulary.ByteLevel([], ("<a>", TokenType.Control)).Make();
        const string text = "plain < a > text";
        Assert.Same(text, PromptGuard.Guard(text, tokenizer));
    }

    [Fact]
    public void Keeps_the_templates_own_control_tokens()
    {
        var tokenizer = TinyVocabulary.ByteLevel([], ("<a>", TokenType.Control)).Make();
        var ids = tokenizer.Encode("<a>" + PromptGuard.Guard("<a>", tokenizer) + "<a>", addSpecial: false, parseSpecial: true);
        Assert.Equal([256, '<', 'a', '>', 256], ids);
    }
}
