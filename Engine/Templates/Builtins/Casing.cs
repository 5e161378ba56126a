using System.Globalization;
using System.Text;
using ManagedSwarm.Engine.Templates.Syntax;

namespace ManagedSwarm.Engine.Templates.Builtins;

/// <summary>
/// Upper and lower case. .NET maps one character to one; Python also knows the mappings to several, of which only the German sharp s is done
/// here.
/// </summary>
internal static class Casing
{
    private const string WordOpeners = "-({[<";

    public static string Upper(string text) => text.ToUpperInvariant().Replace("ß", "SS", StringComparison.Ordinal);

    public static string Lower(string text) => text.ToLowerInvariant();

    /// <summary><c>str.capitalize</c>: the first character in upper case, the others in lower case.</summary>
    public static string Capitalize(string text)
    {
        var first = text.Length > 1 && char.IsSurrogatePair(text, 0) ? 2 : Math.Min(1, text.Length);
        return Capital(text[..first]) + Lower(text[first..]);
    }

    /// <summary>The <c>title</c> filter: words begin after white space and opening brackets.</summary>
    public static string TitleByWords(string text) => Title(text, rune =>
        rune.IsBmp && (Character.IsSpace((char)rune.Value) || WordOpeners.Contains((char)rune.Value, StringComparison.Ordinal)));

    /// <summary><c>str.title</c>: words begin after anything that has no case.</summary>
    public static string TitleByLetters(string text) => Title(text, rune => !IsCased(rune));

    public static string SwapCase(string text) => string.Concat(text.Select(c => char.IsUpper(c) ? Lower(c.ToString()) : Upper(c.ToString())));

    /// <summary>Whether there are letters with case, and all are lower case.</summary>
    public static bool IsLower(string text) => Any(text, Rune.IsLower) && !Any(text, Rune.IsUpper);

    public static bool IsUpper(string text) => Any(text, Rune.IsUpper) && !Any(text, Rune.IsLower);

    public static bool IsTitle(string text) => Any(text, IsCased) && TitleByLetters(text) == text;

    private static bool Any(string text, Func<Rune, bool> test) => text.EnumerateRunes().Any(test);

    private static bool IsCased(Rune rune) => Rune.IsUpper(rune) || Rune.IsLower(rune)
        || Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    private static string Title(string text, Func<Rune, bool> isBetweenWords)
    {
        var title = new StringBuilder(text.Length);
        var isStart = true;
        foreach (var rune in text.EnumerateRunes())
        {
            title.Append(isStart && !isBetweenWords(rune) ? Capital(rune.ToString()) : Lower(rune.ToString()));
            isStart = isBetweenWords(rune);
        }

        return title.ToString();
    }

    private static string Capital(string first) => first == "ß" ? "Ss" : Upper(first);
}
