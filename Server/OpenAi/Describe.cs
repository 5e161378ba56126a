using System.Globalization;
using System.Text.Json;

namespace ManagedSwarm.Server.OpenAi;

/// <summary>What a client sent, in a few words for an error message: a value's kind, and the value itself where it is short.</summary>
internal static class Describe
{
    private const int MaxShown = 48;

    /// <summary><c>a string</c>, <c>the number 3.5</c>, <c>null</c>, …</summary>
    public static string Found(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => $"the number {Shorten(value.GetRawText())}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => string.Create(CultureInfo.InvariantCulture, $"an array of {value.GetArrayLength()}"),
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    /// <summary>The beginning of a text, on one line.</summary>
    public static string Shorten(string text)
    {
        var line = new string([.. text.Take(MaxShown).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return text.Length > MaxShown ? line + "…" : line;
    }
}
