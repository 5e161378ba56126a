namespace ManagedSwarm.Engine.Planning;

/// <summary>
/// A file that describes machines and the ways between them, to plan for machines that are not there:
/// <code>
/// {
///   "nodes": [
///     {"name": "desk", "free_memory": "6G", "decode_ms_per_layer": 0.9},
///     {"name": "lap", "free_memory": "4G", "memory_gb_per_s": 12}
///   ],
///   "links": [{"from": "desk", "to": "lap", "latency_ms": 2.5, "mbit_per_s": 300}],
///   "other_links": {"latency_ms": 0.15, "mbit_per_s": 1000}
/// }
/// </code>
/// The head is the node with <c>"head": true</c>, else the first. A link holds for both directions unless it says <c>"one_way": true</c>.
/// </summary>
public sealed record NodesFile
{
    private const string Code = "nodes_file";
    private const int MaxNodes = 10_000;
    private const int MaxLinks = 1_000_000;
    private const double BytesPerMbit = 1e6 / 8;

    /// <summary>In the order of the file; one of them is the head.</summary>
    public required IReadOnlyList<NodeProfile> Nodes { get; init; }

    public required LinkMatrix Links { get; init; }

    /// <exception cref="EngineException"><c>file_not_found</c>, <c>unreadable_file</c>, <c>nodes_file</c></exception>
    public static NodesFile Read(string path) => Parse(JsonItem.ReadText(path), path);

    /// <param name="text">JSON.</param>
    /// <param name="file">What messages call it.</param>
    /// <exception cref="EngineException"><c>nodes_file</c></exception>
    public static NodesFile Parse(string text, string file)
    {
        var top = JsonItem.Parse(text, file, Code).WithFields("nodes", "links", "other_links");
        var list = top.Field("nodes");
        NodeProfile[] nodes = [.. list.Items(MaxNodes).Select(ReadNode)];
        if (nodes.Length == 0 || nodes.Count(node => node.IsHead) > 1)
        {
            throw list.Refuse("at least one node, and at most one with \"head\": true");
        }

        if (nodes.GroupBy(node => node.Id, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw list.Refuse($"an id of its own for each node ('{twice.Key}' is there {twice.Count()} times; without an id, the name is the id)");
        }

        return new()
        {
            Nodes = nodes.Any(node => node.IsHead) ? nodes : [nodes[0] with { IsHead = true }, .. nodes[1..]],
            Links = new(
                top.TryField("other_links") is { } others ? ReadLink(others.WithFields("latency_ms", "mbit_per_s")) : LinkProfile.Assumed,
                top.TryField("links")?.Items(MaxLinks).SelectMany(link => ReadLinks(link, nodes)) ?? []),
        };
    }

    private static NodeProfile ReadNode(JsonItem item)
    {
        item.WithFields(
            "name", "id", "head", "free_memory", "decode_ms_per_layer", "prefill_ms_per_token_per_layer", "head_ms", "memory_gb_per_s");
        var name = item.Field("name").Text();
        return new()
        {
            Id = item.TryField("id")?.Text() ?? name,
            Name = name,
            IsHead = item.TryField("head")?.Switch() ?? false,
            FreeMemory = item.Field("free_memory").Bytes(),
            DecodeMsPerLayer = item.TryField("decode_ms_per_layer")?.Number(orZero: false),
            PrefillMsPerTokenPerLayer = item.TryField("prefill_ms_per_token_per_layer")?.Number(orZero: true),
            HeadMs = item.TryField("head_ms")?.Number(orZero: true),
            MemoryBandwidth = item.TryField("memory_gb_per_s")?.Number(orZero: false) * 1e9 ?? NodeProfile.AssumedMemoryBandwidth,
        };
    }

    private static IEnumerable<(string From, string To, LinkProfile Link)> ReadLinks(JsonItem item, NodeProfile[] nodes)
    {
        item.WithFields("from", "to", "latency_ms", "mbit_per_s", "one_way");
        var from = Find(item.Field("from"), nodes);
        var to = Find(item.Field("to"), nodes);
        var link = ReadLink(item);
        return item.TryField("one_way")?.Switch() ?? false ? [(from, to, link)] : [(from, to, link), (to, from, link)];
    }

    private static LinkProfile ReadLink(JsonItem item) => new(
        item.TryField("latency_ms")?.Number(orZero: true) ?? LinkProfile.Assumed.LatencyMs,
        item.TryField("mbit_per_s")?.Number(orZero: false) * BytesPerMbit ?? LinkProfile.Assumed.BytesPerSecond);

    private static string Find(JsonItem item, NodeProfile[] nodes)
    {
        var text = item.Text();
        return nodes.Any(node => node.Id == text) ? text
            : nodes.Where(node => node.Name == text).Take(2).ToArray() is [var only] ? only.Id
            : throw item.Refuse("the id of a node, or a name that one node has");
    }
}
