using System.Globalization;
using System.Text;

namespace ManagedSwarm.Engine.Templates.Syntax;

/// <summary>Python's classes of characters, where they differ from .NET's.</summary>
internal static class Character
{
    /// <summary>
    /// The noncharacter U+FDD0, which the tokenizers put into texts that must not become control tokens. Python's <c>repr</c> would
    /// write it as an escape; here it passes through everything unchanged.
    /// </summary>
    public const char GuardMark = '\uFDD0';

    /// <summary><c>str.isspace</c>, which is also <c>\s</c>: .NET's, and the separators U+001C to U+001F.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F';

    /// <summary>Where <c>str.splitlines</c> cuts.</summary>
    public static bool IsLineBreak(char c) => c is '\n' or '\r' or '\v' or '\f' or (>= '\u001C' and <= '\u001E') or '\u0085' or '\u2028' or '\u2029';

    /// <summary>What <c>repr</c> writes as it is.</summary>
    public static bool IsPrintable(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.Value is >= 0x20 and < 0x7F;
        }

        return rune.Value == GuardMark || Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
    }

    /// <summary>Whether a character belongs to a name: <c>\w</c>.</summary>
    public static bool IsWord(char c) => c == '_' || char.IsLetterOrDigit(c);
}
