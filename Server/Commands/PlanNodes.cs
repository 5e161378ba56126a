using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Server.P2p.Heads;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary>The machines that are planned for.</summary>
/// <param name="Nodes">One of them is the head.</param>
/// <param name="Links">What is known of the ways between them.</param>
/// <param name="Note">Where they are from, where that is not obvious.</param>
internal sealed record PlanNodes(IReadOnlyList<NodeProfile> Nodes, LinkMatrix Links, string? Note = null)
{
    /// <summary>Those of the file that is given, else the members of the swarm, else this machine.</summary>
    /// <exception cref="StartException">The file cannot be used.</exception>
    public static async Task<PlanNodes> FindAsync(OptionValues values, CommandContext context)
    {
        if (values.Get(PlanOptions.Nodes) is { } path)
        {
            return Read(path);
        }

        var keys = values.GetAll(SwarmClientOptions.Key);
        using var client = new SwarmClient(values.Get(SwarmClientOptions.Address)!, keys is [var first, ..] ? first : null);
        try
        {
            var swarm = await client.GetStatusAsync(context.Terminated);
            return swarm.Enabled && swarm.Members.Any(member => member.IsSelf)
                ? Of(swarm)
                : ThisMachine(context, "the node that runs here is in no swarm");
        }
        catch (StartException exception)
        {
            return ThisMachine(context, exception.Message);
        }
    }

    private static PlanNodes Read(string path)
    {
        try
        {
            var file = NodesFile.Read(path);
            return new(file.Nodes, file.Links);
        }
        catch (EngineException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }

    private static PlanNodes ThisMachine(CommandContext context, string why) => new(
        [
            new()
            {
                Id = Environment.MachineName,
                Name = Environment.MachineName,
                IsHead = true,
                FreeMemory = Math.Min(MachineFacts.Measure().FreeMemory, context.MemoryLimit),
            },
        ],
        new(),
        $"Planned for this machine alone: {why}");

    private static PlanNodes Of(SwarmBody swarm)
    {
        MemberBody[] members = [.. swarm.Members.Where(member => member.IsSelf || IsLivingWorker(member))];
        var self = members.Single(member => member.IsSelf);
        return new(
            [
                .. members.Select(member => new NodeProfile
                {
                    Id = member.Id,
                    Name = member.Name,
                    IsHead = member.IsSelf,
                    FreeMemory = Math.Max(0, member.FreeMemory),
                    MemoryBandwidth = SwarmProblem.BandwidthOf(member.MemoryBandwidth),
                }),
            ],
            new(LinkProfile.Assumed, members.Where(member => member.RoundTripSeconds > 0).SelectMany(member => LinksOf(self, member))));
    }

    private static bool IsLivingWorker(MemberBody member) => member.State == "alive" && member.Roles.Contains(NodeRole.Worker);

    private static IEnumerable<(string From, string To, LinkProfile Link)> LinksOf(MemberBody self, MemberBody member)
    {
        var link = LinkProfile.Assumed with { LatencyMs = member.RoundTripSeconds!.Value * 1000 / 2 };
        return [(self.Id, member.Id, link), (member.Id, self.Id, link)];
    }
}
