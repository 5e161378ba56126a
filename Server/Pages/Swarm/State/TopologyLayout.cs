using System.Globalization;

namespace ManagedSwarm.Server.Pages.Swarm.State;

/// <summary>
/// Lays nodes out: a few below this one, in a row; more around it, on one ring or two. The same nodes stay where they are.
/// </summary>
internal static class TopologyLayout
{
    private const int OneRow = 5;
    private const int OneRing = 12;
    private const int InnerRing = 14;

    // From there on, boxes have room for a name only.
    private const int Crowd = 20;
    private const int MaxNameChars = 16;
    private const int Bend = 46;
    private const int TopMargin = 44;

    public static Topology Of(SwarmPageState state)
    {
        NodeCard[] others = [.. state.Nodes.Where(node => !node.IsSelf && node.State != "left")];
        var height = others.Length switch { 0 => 110, <= OneRow => 250, <= OneRing => 460, _ => 660 };
        var boxes = new Dictionary<string, TopologyNode>(StringComparer.Ordinal);
        foreach (var self in state.Nodes.Where(node => node.IsSelf))
        {
            boxes[self.Id] = BoxOf(self, Topology.Width / 2, others.Length is > 0 and <= OneRow ? TopMargin : height / 2, others.Length);
        }

        foreach (var (index, node) in others.Index())
        {
            var (x, y) = PlaceOf(index, others.Length, height);
            boxes[node.Id] = BoxOf(node, x, y, others.Length);
        }

        return new(height, [.. boxes.Values], [.. LinksOf(others, boxes)], [.. state.Pipelines.SelectMany(pipeline => HopsOf(pipeline, boxes))]);
    }

    private static (int X, int Y) PlaceOf(int index, int count, int height)
    {
        if (count <= OneRow)
        {
            return ((2 * index + 1) * Topology.Width / (2 * count), height - TopMargin);
        }

        var isOne = count <= OneRing;
        var isInner = !isOne && index < InnerRing;
        var (place, places) = isOne ? (index, count) : isInner ? (index, InnerRing) : (index - InnerRing, count - InnerRing);
        var (radiusX, radiusY) = isInner ? (260.0, (height / 2.0) - 170) : (425.0, (height / 2.0) - 34);
        // The first one is on the left: it is read first.
        var angle = Math.PI + (2 * Math.PI * place / Math.Max(1, places)) + (isInner ? 0.2 : 0);
        return ((int)Math.Round((Topology.Width / 2.0) + (radiusX * Math.Cos(angle))), (int)Math.Round((height / 2.0) + (radiusY * Math.Sin(angle))));
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
