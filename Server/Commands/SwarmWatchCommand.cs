using System.Globalization;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport.Membership;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>swarm watch</c>: a table of the members, then a line for each thing that happens, until it is interrupted or the node ends.</summary>
internal static class SwarmWatchCommand
{
    public static async Task<int> RunAsync(SwarmClient client, OptionValues values, CommandContext context)
    {
        try
        {
            await foreach (var happened in client.WatchAsync(context.Terminated))
            {
                if (happened is SwarmBody swarm)
                {
                    SwarmTable.Write(context.Output, swarm);
                }
                else if (happened is EventBody change)
                {
                    var at = change.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
                    context.Output.WriteLine($"{at} {ShownText.Fit(change.Kind),-9} {ShownText.Fit(change.Member.Name)} ({ShownText.Fit(change.Member.Id)})");
                }
            }
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            // How one ends it.
            return ExitCode.Success;
        }

        context.Error.WriteLine("The node has ended.");
        return ExitCode.Success;
    }
}
