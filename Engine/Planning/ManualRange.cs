using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ManagedSwarm.Engine.Stages;

namespace ManagedSwarm.Engine.Planning;

/// <summary>What a user says of a node: <c>peer=a..b</c>, both ends included.</summary>
/// <param name="Node">A name, an id, the beginning or end of an id, or <c>self</c> for the head.</param>
/// <param name="Layers">At least one.</param>
public sealed record ManualRange(string Node, LayerRange Layers)
{
    /// <summary>What <see cref="TryParse"/> takes, in words.</summary>
    public const string Expected = "a node and its layers such as desk=0..15, both ends included";

    /// <summary>Parses <c>peer=a..b</c>.</summary>
    public static bool TryParse(string text, [MaybeNullWhen(false)] out ManualRange range)
    {
        range = null;
        // A name may have '=' in it; layers have not.
        var equals = text.LastIndexOf('=');
        if (equals < 1 || !TryParseLayers(text[(equals + 1)..], out var layers))
        {
            return false;
        }

        range = new(text[..equals], layers);
        return true;
    }

    /// <summary>Parses <c>a..b</c>, both ends included.</summary>
    public static bool TryParseLayers(string text, out LayerRange layers)
    {
        layers = default;
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0 || !TryParseLayer(text.AsSpan(0, dots), out var first) || !TryParseLayer(text.AsSpan(dots + 2), out var last) || last < first)
        {
            return false;
        }

        layers = new(first, last - first + 1);
        return true;
    }

    private static bool TryParseLayer(ReadOnlySpan<char> text, out int layer) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out layer) && layer < SplitProblem.MaxLayers;
}
