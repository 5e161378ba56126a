using System.Globalization;

namespace ManagedSwarm.Server.Commands;

/// <summary>Texts of other nodes as a terminal may show them.</summary>
internal static class SafeText
{
    /// <summary>The text, with what could move a cursor, change colours or turn letters around as '?'.</summary>
    public static string Of(string text) => string.Create(text.Length, text, (result, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            result[i] = char.GetUnicodeCategory(from[i]) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                ? '?'
                : from[i];
        }
    });
}
