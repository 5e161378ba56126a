using System.Text;
using ManagedSwarm.Engine.Generation;

namespace ManagedSwarm.Tests.Engine.Generation;

public sealed class StopMatcherTests
{
    [Theory]
    [InlineData("stop", "go on, st|op|never said", "go on, ")]
    [InlineData("stop", "st|ap|st|o|r", "stapstor")]
    [InlineData("aab", "aa|aa|ab", "aaa")]
    [InlineData("\n\n", "one\n|two\n|\nthree", "one\ntwo")]
    [InlineData("😀!", "😀|😁|😀|!|x", "😀😁")]
    [InlineData("x", "x", "")]
    [InlineData("abc,bc", "ab|c", "")]
    [InlineData("abcd,bc", "ab|cd", "a")]
    [InlineData("b,abc", "a|b|c", "a")]
    public void Ends_the_text_before_the_stop(string stops, string pieces, string expected)
    {
        var matcher = new StopMatcher(stops.Split(','));
        Assert.Equal(expected, Run(matcher, pieces.Split('|')));
    }

    [Fact]
    public void Holds_back_only_what_may_become_a_stop()
    {
        var matcher = new StopMatcher(["</s>", "<end>"]);
        Assert.Equal("a ", matcher.Append("a <"));
        Assert.Equal("", matcher.Append("e"));
        Assert.Equal("<ex", matcher.Append("x</"[..1]));
        Assert.Equal("", matcher.Append("</"));
        Assert.Equal("</", matcher.Append("<"));
        Assert.Equal("<", matcher.Flush());
        Assert.False(matcher.IsStopped);
    }

    [Fact]
    public void Finds_what_a_search_of_the_whole_text_finds_however_it_is_cut()
    {
        var random = new Random(11);
        string[] alphabet = ["a", "b", "é", "你", "😀", "😁"];
        var found = 0;
        for (var round = 0; round < 5_000; round++)
        {
            var text = Word(40);
            string[] stops = [.. Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Word(1 + random.Next(5)))];
            var (expected, isStopped) = Search(text, stops);
            var matcher = new StopMatcher(stops);
            Assert.Equal(expected, Run(matcher, Cut(text)));
            Assert.Equal(isStopped, matcher.IsStopped);
            found += isStopped ? 1 : 0;
        }

        Assert.InRange(found, 1_000, 4_900);

        string Word(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)]));

        IEnumerable<string> Cut(string text)
        {
            var piece = new StringBuilder();
            foreach (var rune in text.EnumerateRunes())
            {
                piece.Append(rune);
                if (random.Next(3) == 0)
                {
                    yield return piece.ToString();
                    piece.Clear();
                }
            }

            yield return piece.ToString();
        }
    }

    [Fact]
    public void Never_lets_out_what_it_must_hold_nor_holds_what_it_must_let_out()
    {
        var random = new Random(12);
        for (var round = 0; round < 500; round++)
        {
            var text = Word(30);
            string[] stops = [Word(4 + random.Next(4)), Word(4 + random.Next(4))];
            var matcher = new StopMatcher(stops);
            var said = string.Empty;
            for (var i = 0; i < text.Length && !matcher.IsStopped; i++)
            {
                said += matcher.Append(text[i..(i + 1)]);
                var seen = text[..(i + 1)];
                var held = Enumerable.Range(0, seen.Length + 1).First(start => Begins(stops, seen[start..]));
                Assert.Equal(Search(seen, stops).IsStopped ? Search(seen, stops).Text : seen[..held], said);
            }
        }

        string Word(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "ab"[random.Next(2)]));

        static bool Begins(string[] stops, string part) => stops.Any(stop => stop.StartsWith(part, StringComparison.Ordinal));
    }

    /// <summary>The text before the stop that is complete first; of those that end together the longest.</summary>
    private static (string Text, bool IsStopped) Search(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var ending = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).ToList();
            if (ending.Count > 0)
            {
                return (text[..(end - ending.Max(stop => stop.Length))], true);
            }
        }

        return (text, false);
    }

    private static string Run(StopMatcher matcher, IEnumerable<string> pieces)
    {
        var said = new StringBuilder();
        foreach (var piece in pieces)
        {
            if (!matcher.IsStopped)
            {
                said.Append(matcher.Append(piece));
            }
        }

        return said.Append(matcher.Flush()).ToString();
    }
}
