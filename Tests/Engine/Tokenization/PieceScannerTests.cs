using System.Text.RegularExpressions;
using ManagedSwarm.Engine.Tokenization;

namespace ManagedSwarm.Tests.Engine.Tokenization;

public class PieceScannerTests
{
    /// <summary>Names, and the patterns of llama.cpp in order; what a pattern leaves between its matches is a piece too.</summary>
    public static TheoryData<string, string[]> Patterns => new()
    {
        { "gpt-2", [@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"] },
        { "llama-bpe", [@"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] },
        { "qwen2", [@"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"] },
        { "smollm", [@"\p{N}", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"] },
        { "default", [@"[\p{P}\$\+<=>\^~\|]+", @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", @"\p{N}+", "[0-9][0-9][0-9]"] },
    };

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Cuts_text_of_the_basic_plane_as_the_regular_expressions_do(string name, string[] patterns)
    {
        var random = new Random(3);
        for (var round = 0; round < 1000; round++)
        {
            var text = RandomText.Next(random, random.Next(1, 30), basicPlaneOnly: true);
            var expected = patterns.Aggregate((IEnumerable<string>)[text], (pieces, pattern) => [.. pieces.SelectMany(piece => Cut(piece, pattern))]);
            Assert.Equal(expected, Split(name, text));
        }
    }

    [Theory]
    [InlineData("llama-bpe", "x𝔘𠮷y 𝟜𝟝𝟞𝟟 🦙🦙!", "x𝔘𠮷y| |𝟜𝟝𝟞|𝟟| 🦙🦙!")]
    [InlineData("qwen2", "x𝔘𠮷y 𝟜𝟝 🦙🦙!", "x𝔘𠮷y| |𝟜|𝟝| 🦙🦙!")]
    [InlineData("gpt-2", "x𝔘𠮷y 𝟜𝟝 🦙🦙!", "x𝔘𠮷y| 𝟜𝟝| 🦙🦙!")]
    [InlineData("default", "x𝔘𠮷y 𝟜𝟝𐄀🦙", "x𝔘𠮷y| |𝟜𝟝|𐄀|🦙")]
    public void Sees_characters_outside_the_basic_plane_as_what_they_are(string name, string text, string expected)
        => Assert.Equal(expected.Split('|'), Split(name, text));

    [Theory]
    [InlineData("llama-bpe", "I'LL we'Ve 'ſ", "I|'LL| we|'Ve| '|ſ")]
    [InlineData("gpt-2", "I'LL we've", "I|'|LL| we|'ve")]
    [InlineData("llama-bpe", "a  \n \n  b   c \t", "a|  \n \n| | b|  | c| \t")]
    [InlineData("llama-bpe", "!!\r\n\n x", "!!\r\n\n| x")]
    public void Knows_contractions_and_white_space(string name, string text, string expected)
        => Assert.Equal(expected.Split('|'), Split(name, text));

    private static IEnumerable<string> Cut(string text, string pattern)
    {
        var end = 0;
        foreach (Match match in Regex.Matches(text, pattern, RegexOptions.CultureInvariant))
        {
            if (match.Index > end)
            {
                yield return text[end..match.Index];
            }

            yield return match.Value;
            end = match.Index + match.Length;
        }

        if (end < text.Length)
        {
            yield return text[end..];
        }
    }

    private static List<string> Split(string name, string text)
    {
        var words = new List<string>();
        PreTokenizer.Named(name).Split(text, words, static (word, list) => list.Add(word.ToString()));
        return words;
    }
}
