using System.CommandLine;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ISession = ManagedSwarm.Transport.Libp2p.ISession;

namespace ManagedSwarm.Server.Commands;

/// <summary><c>peer</c>: tries the connections of a swarm, without a model.</summary>
internal static class PeerCommand
{
    private const string AddressArgument = "ADDR";
    private const string ListenName = "listen";

    /// <summary>One of its commands.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="SwarmException">Something about a peer or a connection.</exception>
    private delegate Task<int> Work(LocalPeer peer, OptionValues values, CommandContext context);

    public static Command Create(CommandContext context) => new("peer", "Tries the connections of a swarm.")
    {
        CreateListen(context),
        CreateToPeer("ping", "Measures round trips to a peer.", PeerPingCommand.RunAsync, context),
        CreateToPeer("echo", "Sends standard input to a peer that listens, and prints what comes back.", PeerEchoCommand.RunAsync, context),
    };

    /// <summary>Connects with the peer that the command is about.</summary>
    /// <exception cref="UsageException">Neither the command line nor the token names one.</exception>
    /// <exception cref="SwarmException">It cannot be reached.</exception>
    public static async Task<ISession> DialAsync(LocalPeer peer, OptionValues values, CommandContext context)
    {
        IReadOnlyList<Multiaddress> addresses = values.GetArgument(AddressArgument) is { } text
            ? [ParseAddress(text)]
            : values.Get(PeerOptions.Token)?.Bootstrap ?? [];
        return addresses.Count > 0
            ? await peer.DialAsync(addresses, context.Terminated)
            : throw new UsageException("expected the address of a peer, as 'managedswarm peer listen' prints it, or a token that holds one");
    }

    private static Command CreateListen(CommandContext context)
    {
        var command = new Command(ListenName, "Listens for peers, answers their pings and sends back what they send.");
        return Complete(command, PeerListenCommand.RunAsync, context);
    }

    private static Command CreateToPeer(string name, string description, Work work, CommandContext context)
    {
        var command = new Command(name, description);
        command.Arguments.Add(new Argument<string>(AddressArgument)
        {
            Description = "Where the peer listens: /ip4/192.0.2.1/tcp/4001, with /p2p/ID for nobody else. Without it, the addresses in the token. "
                + $"[env: {OptionSpec.EnvironmentName(AddressArgument)}]",
            Arity = ArgumentArity.ZeroOrOne,
        });
        return Complete(command, work, context);
    }

    private static Command Complete(Command command, Work work, CommandContext context)
    {
        foreach (var option in PeerOptions.Of(command.Name))
        {
            command.Options.Add(option.CreateOption());
        }

        command.SetAction((parsed, _) => RunAsync(command.Name, work, new OptionValues(parsed, context.Environment), context));
        return command;
    }

    private static async Task<int> RunAsync(string name, Work work, OptionValues values, CommandContext context)
    {
        try
        {
            using var kept = OpenIdentity(values.Get(PeerOptions.Identity), isKept: name == ListenName, context.Folders);
            using var passing = kept is null ? Identity.Generate() : null;
            var options = values.Get(PeerOptions.Token) is { } token ? LocalPeerOptions.For(token) : new();
            await using var peer = new LocalPeer(kept?.Key ?? passing!, options with { Time = context.Time });
            if (values.GetAll(PeerOptions.Address) is { Count: > 0 } addresses)
            {
                await peer.StartListenAsync(addresses, context.Terminated);
            }

            return await work(peer, values, context);
        }
        catch (SwarmException exception)
        {
            throw new StartException(exception.Message + HintFor(exception), exception);
        }
        catch (OperationCanceledException) when (context.Terminated.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static string HintFor(SwarmException exception) =>
        exception.Code == "handshake_failed" ? " Both sides need the same token, or none." : "";

    /// <summary>A key of a file, which no other process uses meanwhile; null: there is no need to keep one.</summary>
    private static NodeIdentity? OpenIdentity(string? path, bool isKept, NodeFolders folders) =>
        path is not null || isKept ? NodeIdentity.Open(path, folders.Configuration) : null;

    private static Multiaddress ParseAddress(string text) =>
        Multiaddress.TryParse(text, out var address) && address.TcpEndPoint is not null
            ? address
            : throw new UsageException($"{AddressArgument}: expected an address such as /ip4/192.0.2.1/tcp/4001/p2p/12D3KooW..., found '{text}'");
}
