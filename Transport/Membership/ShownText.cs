using System.Globalization;
using System.Text;

namespace ManagedSwarm.Transport.Membership;

/// <summary>Text of a node's record, which others' terminals and pages show: nothing in it moves a cursor or turns the direction of writing.</summary>
public static class ShownText
{
    /// <summary>Whether it may stand in a record as it is.</summary>
    /// <param name="text">Any.</param>
    /// <param name="maxBytes">Of UTF-8.</param>
    public static bool Fits(string text, int maxBytes)
    {
        // A character has at least one byte.
        if (text.Length > maxBytes || Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            return false;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsShown(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text with a <c>?</c> for each character that may not stand there, and cut where it is too long.</summary>
    public static string Fit(string text, int maxBytes = int.MaxValue)
    {
        var fitting = new StringBuilder();
        var left = maxBytes;
        foreach (var rune in text.EnumerateRunes())
        {
            var shown = IsShown(rune) ? rune : new Rune('?');
            left -= shown.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            fitting.Append(shown);
        }

        return fitting.ToString();
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
