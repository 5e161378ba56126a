using System.Globalization;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>peer</c>'s commands.</summary>
internal static class PeerOptions
{
    public static readonly OptionSpec<SwarmToken> Token = new(
        "token", "TOKEN", "The swarm's token: only who has it can connect; without one, anybody can.",
        SwarmCommandOptions.ExpectedToken, null, SwarmToken.TryParse)
    {
        Aliases = SwarmCommandOptions.Token.Aliases,
        ForeignVariables = SwarmCommandOptions.Token.ForeignVariables,
        Secret = true,
        Explain = SwarmCommandOptions.Token.Explain,
    };

    // MANAGEDSWARM_ADDRESS is where 'run' serves HTTP.
    public static readonly OptionSpec<Multiaddress> Address = new(
        "peer-address", "MULTIADDR", "Where to listen for peers; /ip4/0.0.0.0/... means every IPv4 address of this machine, /tcp/0 any free port.",
        "an IP address and a TCP port such as /ip4/0.0.0.0/tcp/4001", null, OptionSyntax.TryParseLocal)
    {
        Aliases = ["address"],
        Repeatable = true,
    };

    public static readonly OptionSpec<string> Identity = new(
        "identity", "FILE",
        "The file of this peer's key, made where there is none. Without it, 'listen' takes one in the user's configuration that no other "
        + "process uses, the others a new one.",
        "the path of a file", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<int> Count = new(
        "count", "N", "How many pings.", "a whole number from 1 to 1000000", "4", OptionSyntax.Whole(1, 1_000_000));

    public static readonly OptionSpec<long> Bytes = new(
        "bytes", "N", "Sends so many random bytes instead of standard input, compares what comes back, and prints the rate.",
        "a whole number from 1 to 1000000000000", null, TryParseBytes);

    /// <summary>Those that all commands have, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Common = [Token, Address, Identity];

    /// <summary>All options of a command.</summary>
    public static IReadOnlyList<OptionSpec> Of(string command) => command switch
    {
        "ping" => [.. Common, Count],
        "echo" => [.. Common, Bytes],
        _ => Common,
    };

    private static bool TryParseBytes(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= 1_000_000_000_000;
}
