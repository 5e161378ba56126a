using System.Globalization;
using System.Text.RegularExpressions;

namespace ManagedSwarm.Gguf;

/// <summary>The name of one file of a split model, as llama.cpp's gguf-split writes it: <c>PREFIX-00001-of-00003.gguf</c>.</summary>
/// <param name="Prefix">Path and name before the numbers.</param>
/// <param name="Number">From 1.</param>
/// <param name="Count">How many files there are.</param>
internal sealed partial record SplitName(string Prefix, int Number, int Count)
{
    /// <summary>What five digits can count.</summary>
    public const int MaxCount = 99_999;

    /// <summary>The name's parts, or null if it is not of this form.</summary>
    public static SplitName? Parse(string path)
    {
        var match = Pattern().Match(path);
        return match.Success
            ? new SplitName(match.Groups["prefix"].Value, Number(match, "number"), Number(match, "count"))
            : null;

        static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{Number:D5}-of-{Count:D5}.gguf");

    [GeneratedRegex(@"^(?<prefix>.*)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$", RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
