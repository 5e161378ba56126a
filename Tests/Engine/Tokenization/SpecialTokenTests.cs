using System.Text;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Tokenization;

public class SpecialTokenTests
{
    [Fact]
    public void Finds_user_defined_tokens_always_and_control_and_unknown_ones_where_asked()
    {
        var tokenizer = TinyVocabulary.ByteLevel([], ("<c>", TokenType.Control), ("<u>", TokenType.UserDefined), ("<?>", TokenType.Unknown)).Make();
        Assert.Equal([256, 257, 258], tokenizer.Encode("<c><u><?>", addSpecial: false, parseSpecial: true));
        Assert.Equal([.. "<c>".Select(Byte), 257, .. "<?>".Select(Byte)], tokenizer.Encode("<c><u><?>", addSpecial: false, parseSpecial: false));
    }

    [Theory]
    [InlineData("abcd", "abcd")]
    [InlineData("abc", "abc")]
    [InlineData("xabcabcdx", "x,abc,abcd,x")]
    // The longest wins even where a shorter one begins earlier, and what it leaves may be another.
    [InlineData("zabcd", "z,abcd")]
    [InlineData("aabcd", "a,abcd")]
    [InlineData("ababcd", "ab,abcd")]
    [InlineData("bcdef", "b,cdef")]
    [InlineData("abcdef", "abcd,e,f")]
    [InlineData("cdefabc", "cdef,abc")]
    [InlineData("bcdefabcd", "b,cdef,abcd")]
    public void Prefers_the_longest_token_where_occurrences_overlap(string text, string expected)
    {
        var tokens = (string[])["ab", "abc", "abcd", "bcd", "cdef"];
        var matcher = new SpecialTokenMatcher(Enumerable.Range(0, tokens.Length), tokens);
        var parts = matcher.Partition(text);
        var split = parts.SelectMany(part => part.Token is null
            ? text.Substring(part.Start, part.Length).Select(character => character.ToString())
            : [text.Substring(part.Start, part.Length)]);
        Assert.Equal(expected, string.Join(',', split));
        Assert.All(
            parts.Where(part => part.Token is not null),
            part => Assert.Equal(tokens[part.Token!.Value], text.Substring(part.Start, part.Length)));
    }

    [Fact]
    public void Cuts_random_texts_as_one_pass_per_token_longest_first_would()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var tokens = Enumerable.Range(0, random.Next(1, 8)).Select(_ => RandomText(random, random.Next(1, 6))).Distinct().ToArray();
            var text = RandomText(random, random.Next(0, 40));
            var parts = new SpecialTokenMatcher(Enumerable.Range(0, tokens.Length), tokens).Partition(text);
            Assert.Equal(CutLongestFirst(text, tokens), parts.Select(part => (part.Token, text.Substring(part.Start, part.Length))));
        }
    }

    [Fact]
    public void Puts_a_space_before_text_that_follows_a_special_token_only()
    {
        var tokenizer = TinyVocabulary.SentencePiece("▁", "a", "b").Make();
        Assert.Equal([259, 260, 1, 259, 261], tokenizer.Encode("a<s>b", addSpecial: false, parseSpecial: true));
    }

    [Fact]
    public void Never_makes_control_or_byte_tokens_of_plain_text()
    {
        // The pieces would let '</s>' and '<0x0A>' be merged, with the best of scores.
        var pieces = TinyVocabulary.SentencePiece("▁", "<", "/", "s", ">", "</", "s>", "<0x0", "A>", "A", "0", "x", "<0", "<0x").Make();
        Assert.Equal(["▁", "</", "s>"], pieces.Encode("</s>", false, false).Select(pieces.GetPiece));
        Assert.Equal("<0x0A>", pieces.Decode(pieces.Encode("<0x0A>", false, false)));
        var merges = TinyVocabulary.ByteLevel(["a b", "ab c"])
            .Set("token_type", Enumerable.Repeat(1, 257).Append((int)TokenType.Control).ToArray()).Make();
        Assert.Equal(["ab", "c"], merges.Encode("abc", false, false).Select(merges.GetPiece));
    }

    [Fact]
    public void Shows_control_tokens_only_where_asked()
    {
        var tokenizer = TinyVocabulary.SentencePiece("▁", "a").Make();
        Assert.Equal("a", tokenizer.Decode([1, 259, 260, 2]));
        Assert.Equal("<s> a</s>", tokenizer.Decode([1, 259, 260, 2], renderSpecial: true));
        Assert.True(tokenizer.GetBytes(1).IsEmpty);
        Assert.Equal("<s>"u8.ToArray(), tokenizer.GetBytes(1, renderSpecial: true).ToArray());
        Assert.Equal("<s>", tokenizer.GetPiece(1));
    }

    private static int Byte(char value) => value;

    private static string RandomText(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "abcé"[random.Next(4)]));

    /// <summary>The plain way: for each token, longest first, cut every part that is still plain text.</summary>
    private static List<(int? Token, string Text)> CutLongestFirst(string text, string[] tokens)
    {
        var parts = new List<(int? Token, string Text)> { (null, text) };
        // Between tokens of equal length the leftmost wins, which one pass per token cannot say; so equal lengths go in one pass.
        var groups = tokens.Select((token, id) => (token, id)).GroupBy(pair => Encoding.UTF8.GetByteCount(pair.token));
        foreach (var group in groups.OrderByDescending(group => group.Key))
        {
            parts = [.. parts.SelectMany(part => part.Token is null ? Cut(part.Text, [.. group]) : [part])];
        }

        return [.. parts.Where(part => part.Text.Length > 0)];
    }

    private static IEnumerable<(int? Token, string Text)> Cut(string text, (string Text, int Id)[] tokens)
    {
        while (true)
        {
            var first = tokens.Select(token => (At: text.IndexOf(token.Text, StringComparison.Ordinal), token.Text, token.Id))
                .Where(hit => hit.At >= 0)
                .OrderBy(hit => hit.At)
                .FirstOrDefault();
            if (first.Text is null)
            {
                yield return (null, text);
                yield break;
            }

            yield return (null, text[..first.At]);
            yield return (first.Id, first.Text);
            text = text[(first.At + first.Text.Length)..];
        }
    }
}
