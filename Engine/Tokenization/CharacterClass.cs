using System.Globalization;
using System.Text;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>What the patterns of pre-tokenizers ask of a character.</summary>
internal enum CharacterClass
{
    /// <summary>None of the others; also past the end of a text.</summary>
    Other = 0,

    /// <summary><c>\p{L}</c></summary>
    Letter = 1,

    /// <summary><c>\p{N}</c></summary>
    Number = 2,

    /// <summary><c>\s</c>: Unicode's White_Space.</summary>
    Space = 3,

    /// <summary><c>\p{P}</c></summary>
    Punctuation = 4,
}

/// <summary>Classifies whole code points. .NET's regular expressions see two surrogates, neither a letter, where there is one 𝔘.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Ascii = [.. Enumerable.Range(0, 128).Select(value => Classify(new Rune(value)))];

    /// <summary>The class of the character at the start of a text, and its length in UTF-16.</summary>
    public static CharacterClass First(ReadOnlySpan<char> text, out int length)
    {
        if (text.IsEmpty)
        {
            length = 0;
            return CharacterClass.Other;
        }

        if (text[0] < Ascii.Length)
        {
            length = 1;
            return Ascii[text[0]];
        }

        Rune.DecodeFromUtf16(text, out var rune, out length);
        return Classify(rune);
    }

    private static CharacterClass Classify(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
        {
            return CharacterClass.Space;
        }

        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation => CharacterClass.Punctuation,
            _ => CharacterClass.Other,
        };
    }
}
