using System.Text;

namespace ManagedSwarm.Tests.Engine.Tokenization;

/// <summary>Texts of all of Unicode, with what tokenizers trip over more often than by chance.</summary>
internal static class RandomText
{
    private static readonly string[] Favourites =
    [
        " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u0085", "'s", "'S", "'Re", "'ll", "'",
        "a", "Z", "hello", " the", "é", "ß", "ſ", "ǅ",
        "1", "23", "٣", "½", "Ⅷ", "𝟜", "𝔘", "𠮷", "🦙", "😶‍🌫️", "工作", "កាន់", "e\u0301", ".", ",", "!!", "$", "+", "<", ">", "|", "`", "—", "€",
        "\u200B", "\uFFFD", "\0", "\u001B",
    ];

    /// <param name="pieces">How many characters or short texts, at least one.</param>
    public static string Next(Random random, int pieces, bool basicPlaneOnly = false)
    {
        var text = new StringBuilder();
        for (var i = 0; i < pieces; i++)
        {
            var next = random.Next(3) == 0 ? AnyCharacter(random) : Favourites[random.Next(Favourites.Length)];
            text.Append(basicPlaneOnly && next.Any(char.IsSurrogate) ? "x" : next);
        }

        return text.ToString();
    }

    private static string AnyCharacter(Random random)
    {
        var value = random.Next(2) == 0 ? random.Next(0x3000) : random.Next(0x110000);
        return Rune.IsValid(value) && value != 0xFDD0 ? new Rune(value).ToString() : "?";
    }
}
