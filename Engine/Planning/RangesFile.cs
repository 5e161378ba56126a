namespace ManagedSwarm.Engine.Planning;

/// <summary>A file that says who holds which layers: <c>[{"node": "desk", "layers": "0..7"}, {"node": "lap", "layers": "8..15"}]</c>.</summary>
public static class RangesFile
{
    private const string Code = "ranges_file";

    /// <exception cref="EngineException"><c>file_not_found</c>, <c>unreadable_file</c>, <c>ranges_file</c></exception>
    public static IReadOnlyList<ManualRange> Read(string path) => Parse(JsonItem.ReadText(path), path);

    /// <param name="text">JSON.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="EngineException"><c>ranges_file</c></exception>
    public static IReadOnlyList<ManualRange> Parse(string text, string file)
    {
        var list = JsonItem.Parse(text, file, Code);
        ManualRange[] ranges = [.. list.Items(SplitProblem.MaxLayers).Select(ReadRange)];
        return ranges.Length > 0 ? ranges : throw list.Refuse("at least one range");
    }

    private static ManualRange ReadRange(JsonItem item)
    {
        item.WithFields("node", "layers");
        var layers = item.Field("layers");
        return ManualRange.TryParseLayers(layers.Text(), out var range)
            ? new(item.Field("node").Text(), range)
            : throw layers.Refuse("layers such as \"0..7\", both ends included");
    }
}
