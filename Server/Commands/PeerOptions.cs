using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>peer</c>'s commands.</summary>
internal static class PeerOptions
{
    public static readonly OptionSpec<SwarmToken> Token = new(
        "token", "TOKEN", "The swarm's token: only who has it can connect; without one, anybody can.",
        "a token as 'managedswarm token new' makes it, beginning with 'mswarm1:'", null, SwarmToken.TryParse)
    {
        Secret = true,
    };

    // MANAGEDSWARM_ADDRESS is where 'run' serves HTTP.
    public static readonly OptionSpec<Multiaddress> Address = new(
        "peer-address", "MULTIADDR", "Where to listen for peers; /ip4/0.0.0.0/... means every IPv4 address of this machine, /tcp/0 any free port.",
        "an IP address and a TCP port such as /ip4/0.0.0.0/tcp/4001", null, TryParseAddress)
    {
        Aliases = ["address"],
        Repeatable = true,
    };

    public static readonly OptionSpec<string> Identity = new(
        "identity", "FILE",
        "The file of this peer's key, made where there is none. Without it, 'listen' keeps one in the user's configuration, the others take a new one.",
        "the path of a file", null, TryParsePath);

    public static readonly OptionSpec<int> Count = new(
        "count", "N", "How many pings.", "a whole number from 1 to 1000000", "4", TryParseCount);

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

    private static bool TryParseAddress(string text, [MaybeNullWhen(false)] out Multiaddress value) =>
        Multiaddress.TryParse(text, out value) && value.TcpEndPoint is IPEndPoint && value.PeerId is null;

    private static bool TryParsePath(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length > 0;
    }

    private static bool TryParseCount(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= 1_000_000;

    private static bool TryParseBytes(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 1 and <= 1_000_000_000_000;
}
