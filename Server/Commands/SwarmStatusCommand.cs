using ManagedSwarm.Server.P2pApi;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>swarm status</c>: a table of the members, or the node's JSON as it is.</summary>
internal static class SwarmStatusCommand
{
    public static async Task<int> RunAsync(SwarmClient client, OptionValues values, CommandContext context)
    {
        if (values.Get(SwarmClientOptions.Json))
        {
            context.Output.WriteLine(await client.GetStatusTextAsync(context.Terminated));
        }
        else
        {
            SwarmTable.Write(context.Output, await client.GetStatusAsync(context.Terminated));
        }

        return ExitCode.Success;
    }
}
