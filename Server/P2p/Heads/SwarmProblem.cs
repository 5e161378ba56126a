using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Transport.Frames;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.P2p.Heads;

/// <summary>What the members of a swarm mean for a plan.</summary>
internal static class SwarmProblem
{
    /// <summary>This node as the head, and the workers that are alive.</summary>
    /// <param name="swarm">Whose members.</param>
    /// <param name="shape">The model's.</param>
    /// <param name="settings">What the user asked for.</param>
    /// <param name="memory">Bytes that the model may take on this machine.</param>
    /// <param name="context">Tokens of context per request.</param>
    /// <param name="speeds">What a layer takes on a node, where that was measured: in milliseconds, by the nodes' ids.</param>
    public static SplitProblem Of(
        ISwarm swarm, ModelShape shape, HeadSettings settings, long memory, int context, IReadOnlyDictionary<string, double> speeds)
    {
        SwarmMember[] members = [.. swarm.Members.Where(IsNode)];
        var self = swarm.Self.ToString();
        return new()
        {
            Shape = shape,
            Nodes = Calibrated(
                [.. WithSpeeds([HeadOf(members, self, memory), .. members.Where(member => !member.IsSelf).Select(WorkerOf)], speeds)], shape),
            Links = new(LinkProfile.Assumed, members.Where(member => member.RoundTrip > TimeSpan.Zero).SelectMany(member => LinksOf(self, member))),
            Context = context,
            Objective = settings.Objective,
            MinWorkers = settings.MinWorkers,
            HeadHoldsLayers = settings.HoldsLayers,
            WireBytesPerValue = BytesPerValue(settings.Wire),
        };
    }

    /// <summary>Nodes with what was measured of them, where nobody says otherwise.</summary>
    public static IEnumerable<NodeProfile> WithSpeeds(IEnumerable<NodeProfile> nodes, IReadOnlyDictionary<string, double> speeds) =>
        nodes.Select(node => node.DecodeMsPerLayer is null && speeds.TryGetValue(node.Id, out var ms) ? node with { DecodeMsPerLayer = ms } : node);

    /// <summary>
    /// Nodes of which nothing was measured but their memory, with a bandwidth by which they are as fast as such a memory has turned out to be on
    /// those of which times of layers were measured, too: else who was measured seems to be another kind of machine.
    /// </summary>
    /// <param name="nodes">All.</param>
    /// <param name="shape">The model's; the times are those of its layers.</param>
    public static IReadOnlyList<NodeProfile> Calibrated(IReadOnlyList<NodeProfile> nodes, ModelShape shape)
    {
        var bytes = shape.LayerWeightBytes.Average(layer => (double)layer);
        double[] factors =
        [
            .. nodes.Where(node => node.DecodeMsPerLayer > 0)
                .Select(node => bytes * 1000 / node.DecodeMsPerLayer!.Value / node.MemoryBandwidth)
                .Order(),
        ];
        return factors is [] or [0, ..]
            ? nodes
            : [.. nodes.Select(node => node.IsEstimated ? node with { MemoryBandwidth = node.MemoryBandwidth * factors[factors.Length / 2] } : node)];
    }

    /// <summary>What weights are read with on a node.</summary>
    /// <param name="measured">What its memory is read with, as it says: bytes per second; null or 0: it does not.</param>
    public static double BandwidthOf(long? measured) =>
        measured is > 0 ? measured.Value * NodeProfile.ShareOfReadSpeed : NodeProfile.AssumedMemoryBandwidth;

    /// <summary>What one value of a hidden state takes on its way.</summary>
    // Of q8, a block of 32 values has 36 bytes.
    public static double BytesPerValue(WireType wire) => wire switch
    {
        WireType.F16 => 2,
        WireType.Q8 => 36.0 / 32,
        _ => sizeof(float),
    };

    private static bool IsNode(SwarmMember member) =>
        member.IsSelf || (member.State == MemberState.Alive && member.Facts.Roles.Contains(NodeRole.Worker));

    // A node knows its own memory better than its record does, which may not be announced yet.
    private static NodeProfile HeadOf(SwarmMember[] members, string self, long memory) => new()
    {
        Id = self,
        Name = members.FirstOrDefault(member => member.IsSelf)?.Facts.Name ?? Environment.MachineName,
        IsHead = true,
        FreeMemory = memory,
        MemoryBandwidth = BandwidthOf(members.FirstOrDefault(member => member.IsSelf)?.Facts.MemoryBandwidth),
    };

    private static NodeProfile WorkerOf(SwarmMember member) => new()
    {
        Id = member.Id.ToString(),
        Name = member.Facts.Name,
        FreeMemory = Math.Max(0, member.Facts.FreeMemory),
        MemoryBandwidth = BandwidthOf(member.Facts.MemoryBandwidth),
    };

    private static IEnumerable<(string From, string To, LinkProfile Link)> LinksOf(string self, SwarmMember member)
    {
        var link = LinkProfile.Assumed with { LatencyMs = member.RoundTrip!.Value.TotalMilliseconds / 2 };
        return [(self, member.Id.ToString(), link), (member.Id.ToString(), self, link)];
    }
}
