using System.Globalization;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>Lays nodes out: this one above, the others below it in rows, in the order of the list, so that the same nodes stay where they are.</summary>
internal static class TopologyLayout
{
    // From there on, boxes have room for a name only.
    private const int Crowd = 20;
    private const int WideColumns = 6;
    private const int NarrowColumns = 9;
    private const int WideRow = 92;
    private const int NarrowRow = 42;
    private const int Top = 44;
    private const int Below = 130;
    private const int MaxNameChars = 16;
    private const int Bend = 46;

    public static Topology Of(SwarmPageState state)
    {
        NodeCard[] others = [.. state.Nodes.Where(node => !node.IsSelf && node.State != "left")];
        var (columns, rowHeight) = others.Length > Crowd ? (NarrowColumns, NarrowRow) : (Math.Clamp(others.Length, 1, WideColumns), WideRow);
        var rows = (others.Length + columns - 1) / columns;
        var height = 2 * Top + (rows == 0 ? 0 : Below + ((rows - 1) * rowHeight));
        var boxes = new Dictionary<string, TopologyNode>(StringComparer.Ordinal);
        foreach (var self in state.Nodes.Where(node => node.IsSelf))
        {
            boxes[self.Id] = BoxOf(self, Topology.Width / 2, Top, others.Length);
        }

        foreach (var (index, node) in others.Index())
        {
            var (row, column) = Math.DivRem(index, columns);
            var inRow = Math.Min(columns, others.Length - (row * columns));
            boxes[node.Id] = BoxOf(node, ((2 * column) + 1) * Topology.Width / (2 * inRow), Top + Below + (row * rowHeight), others.Length);
        }

        return new(height, [.. boxes.Values], [.. LinksOf(others, boxes)], [.. state.Pipelines.SelectMany(pipeline => HopsOf(pipeline, boxes))]);
    }

    private static TopologyNode BoxOf(NodeCard node, int x, int y, int others)
    {
        var isCrowded = others > Crowd;
        var name = node.Name.Length > MaxNameChars ? node.Name[..(MaxNameChars - 1)] + "…" : node.Name;
        var detail = isCrowded ? ""
            : node.Layers is [var span, ..] ? $"layers {ShownValue.Layers(span.First, span.End)}"
            : string.Join(", ", node.Roles);
        return new(node.Id, name, detail, node.State, node.IsSelf, x, y, isCrowded ? 96 : 140, isCrowded ? 28 : 52);
    }

    private static IEnumerable<TopologyLink> LinksOf(NodeCard[] others, Dictionary<string, TopologyNode> boxes)
    {
        var self = boxes.Values.FirstOrDefault(box => box.IsSelf);
        return self is null ? [] : others.Select(node => new TopologyLink(
            node.Id,
            self.X,
            self.Y,
            boxes[node.Id].X,
            boxes[node.Id].Y,
            others.Length > Crowd || node.RoundTripMs is null ? "" : node.RoundTrip,
            node.IsConnected));
    }

    /// <summary>From the head through all stages and back; layers that are on the head itself go nowhere.</summary>
    private static IEnumerable<TopologyHop> HopsOf(PipelineCard pipeline, Dictionary<string, TopologyNode> boxes)
    {
        if (pipeline.Head is not { } head)
        {
            yield break;
        }

        (string Node, double? Ms)[] way = [(head, null), .. pipeline.Stages.Select(stage => (stage.NodeId, stage.HopMs)), (head, null)];
        foreach (var (index, (from, to)) in way.Zip(way.Skip(1)).Index())
        {
            if (from.Node != to.Node && boxes.TryGetValue(from.Node, out var start) && boxes.TryGetValue(to.Node, out var end))
            {
                yield return Curve($"{pipeline.Model}-{index}", start, end, to.Ms is null ? "" : ShownValue.Milliseconds(to.Ms));
            }
        }
    }

    private static TopologyHop Curve(string id, TopologyNode from, TopologyNode to, string label)
    {
        double dx = to.X - from.X, dy = to.Y - from.Y;
        var length = Math.Max(1, Math.Sqrt((dx * dx) + (dy * dy)));
        // To the left of its way, so that there and back are two curves.
        var (bendX, bendY) = ((from.X + to.X) / 2.0 + (dy / length * Bend), (from.Y + to.Y) / 2.0 - (dx / length * Bend));
        var (startX, startY) = EdgeOf(from, bendX, bendY);
        var (endX, endY) = EdgeOf(to, bendX, bendY);
        return new(
            id,
            string.Create(CultureInfo.InvariantCulture, $"M{startX:0} {startY:0}Q{bendX:0} {bendY:0} {endX:0} {endY:0}"),
            (int)Math.Round((startX + (2 * bendX) + endX) / 4),
            (int)Math.Round((startY + (2 * bendY) + endY) / 4),
            label);
    }

    /// <summary>Where the way from a box's middle to a point leaves the box.</summary>
    private static (double X, double Y) EdgeOf(TopologyNode box, double x, double y)
    {
        double dx = x - box.X, dy = y - box.Y;
        var scale = Math.Min(
            dx == 0 ? double.PositiveInfinity : ((box.BoxWidth / 2.0) + 6) / Math.Abs(dx),
            dy == 0 ? double.PositiveInfinity : ((box.BoxHeight / 2.0) + 6) / Math.Abs(dy));
        return double.IsFinite(scale) ? (box.X + (dx * Math.Min(1, scale)), box.Y + (dy * Math.Min(1, scale))) : (box.X, box.Y);
    }
}
