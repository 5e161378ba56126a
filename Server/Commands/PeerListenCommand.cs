using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>peer listen</c>: is there for others to ping, until it is asked to stop.</summary>
internal static class PeerListenCommand
{
    private static readonly Multiaddress DefaultAddress = Multiaddress.Parse("/ip4/0.0.0.0/tcp/4001");

    /// <summary>Prints its addresses and serves.</summary>
    public static async Task<int> RunAsync(LocalPeer peer, OptionValues values, CommandContext context)
    {
        if (peer.ListenAddresses.Count == 0)
        {
            await peer.StartListenAsync([DefaultAddress], context.Terminated);
        }

        peer.Connected += session => context.Error.WriteLine($"{session.RemotePeer} has connected from {session.RemoteAddress}");
        peer.Disconnected += (session, reason) => context.Error.WriteLine($"{session.RemotePeer} has left: {reason.Message}");
        await using var echo = EchoService.Start(peer, values.Get(PeerOptions.Token));
        if (values.Get(PeerOptions.Token) is null)
        {
            context.Error.WriteLine("warning: no --token is set: anybody who reaches this machine can connect");
        }

        foreach (var address in peer.ListenAddresses)
        {
            context.Output.WriteLine($"Listening on {address}");
        }

        var terminated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = context.Terminated.Register(terminated.SetResult);
        await terminated.Task;
        return ExitCode.Success;
    }
}
