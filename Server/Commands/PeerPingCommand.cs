using System.Globalization;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>peer ping</c>: prints round trips.</summary>
internal static class PeerPingCommand
{
    public static async Task<int> RunAsync(LocalPeer peer, OptionValues values, CommandContext context)
    {
        var count = values.Get(PeerOptions.Count);
        var session = await PeerCommand.DialAsync(peer, values, context);
        context.Output.WriteLine($"Pinging {session.RemotePeer} at {session.RemoteAddress}");
        var roundTrips = new List<TimeSpan>();
        for (var i = 0; i < count; i++)
        {
            var roundTrip = await peer.PingAsync(session.RemotePeer, context.Terminated);
            roundTrips.Add(roundTrip);
            context.Output.WriteLine($"{i + 1}: {TextOf(roundTrip)}");
        }

        roundTrips.Sort();
        context.Output.WriteLine($"least {TextOf(roundTrips[0])}, median {TextOf(roundTrips[count / 2])}, most {TextOf(roundTrips[^1])}");
        return ExitCode.Success;
    }

    private static string TextOf(TimeSpan time) => time.TotalMilliseconds.ToString("0.000 ms", CultureInfo.InvariantCulture);
}
