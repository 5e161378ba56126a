using System.Text;

namespace ManagedSwarm.Engine.Tokenization;

/// <summary>
/// Keeps a user's text from becoming control tokens when it goes through a chat template, whose result is encoded with control tokens.
/// A mark, the noncharacter U+FDD0, is put behind the first character of each control token's text, so that it no longer is one;
/// <see cref="Tokenizer.Encode"/> looks for control tokens first and drops the marks then, so that the model sees the text as it was written.
/// </summary>
public static class PromptGuard
{
    /// <summary>A noncharacter: reserved by Unicode (§23.7) for use inside a program, never for interchange.</summary>
    internal const char Mark = '\uFDD0';

    /// <summary>A user's text, with marks; its own U+FDD0 are removed. The same text if there is nothing to do.</summary>
    /// <remarks>A control token's text that only comes about where two texts meet is not seen.</remarks>
    public static string Guard(string userText, Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(userText);
        ArgumentNullException.ThrowIfNull(tokenizer);
        var text = RemoveMarks(userText);
        if (tokenizer.HiddenTokens is not { } hidden)
        {
            return text;
        }

        StringBuilder? guarded = null;
        var done = 0;
        for (var start = hidden.NextOccurrence(text, 0); start >= 0; start = hidden.NextOccurrence(text, start + 1))
        {
            var end = start + Rune.GetRuneAt(text, start).Utf16SequenceLength;
            guarded = (guarded ?? new StringBuilder(text.Length + 16)).Append(text, done, end - done).Append(Mark);
            done = end;
        }

        return guarded is null ? text : guarded.Append(text, done, text.Length - done).ToString();
    }

    /// <summary>The text without marks.</summary>
    internal static string RemoveMarks(string text) => text.Replace(Mark.ToString(), null, StringComparison.Ordinal);
}
