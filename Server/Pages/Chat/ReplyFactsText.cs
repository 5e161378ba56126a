using System.Globalization;

namespace ManagedSwarm.Server.Pages.Chat;

/// <summary>What is known of a reply, in words; what is not known is left out.</summary>
public static class ReplyFactsText
{
    // What is longer than a second is read in seconds.
    private const double MsPerSecond = 1000;

    /// <summary>Such as <c>52.1 tokens/s</c>, <c>first token after 81 ms</c>, <c>240 tokens</c>.</summary>
    public static IReadOnlyList<string> Of(ReplyFacts facts) =>
    [
        .. new[]
        {
            facts.TokensPerSecond is { } rate ? Invariant($"{rate:F1} tokens/s") : null,
            facts.FirstTokenSeconds is { } first ? $"first token after {TimeOf(first * MsPerSecond)}" : null,
            facts.Tokens is { } tokens ? Invariant($"{(facts.IsCounted ? "" : "about ")}{tokens} {(tokens == 1 ? "token" : "tokens")}") : null,
            facts.End switch
            {
                ReplyEnd.Length => "cut at the limit of tokens",
                ReplyEnd.Stopped => "stopped",
                _ => null,
            },
        }.OfType<string>(),
    ];

    /// <summary>Such as <c>w0 (layers 0..2) → w1 (layers 3..5)</c>; null: not known.</summary>
    public static string? NodesOf(ReplyFacts facts) => facts.Nodes.Count == 0
        ? null
        : string.Join(" → ", facts.Nodes.Select(node => node.Layers is null ? node.Name : $"{node.Name} (layers {node.Layers})"));

    /// <summary>A time in its best unit; <c>—</c>: not known.</summary>
    public static string TimeOf(double? milliseconds) => milliseconds switch
    {
        null => "—",
        < 10 => Invariant($"{milliseconds:F1} ms"),
        < MsPerSecond => Invariant($"{milliseconds:F0} ms"),
        _ => Invariant($"{milliseconds / MsPerSecond:F2} s"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
