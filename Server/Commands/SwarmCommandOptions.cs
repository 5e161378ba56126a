using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Libp2p;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of a swarm's members: <c>run</c> and <c>worker</c> have them.</summary>
internal static class SwarmCommandOptions
{
    /// <summary>What a token is, in words.</summary>
    public const string ExpectedToken = "a token as 'managedswarm token new' makes it, beginning with 'mswarm1:'";

    /// <summary>The value of <see cref="Mdns"/> that is no interface.</summary>
    public const string MdnsOff = "off";

    private const int MaxPort = 65535;

    public static readonly OptionSpec<bool> P2p = new(
        "p2p", "", "Joins the swarm of the token; without a token, begins a new swarm and prints its token.", "'on' or 'off'", null,
        OptionSyntax.TryParseSwitch)
    {
        IsFlag = true,
        ForeignVariables = [new("LOCALAI_P2P"), new("P2P")],
    };

    public static readonly OptionSpec<SwarmToken> Token = new(
        "token", "TOKEN", "The swarm's token; it alone turns P2P on.", ExpectedToken, null, SwarmToken.TryParse)
    {
        Aliases = ["p2p-token", "p2ptoken"],
        ForeignVariables = [new("LOCALAI_P2P_TOKEN"), new("P2P_TOKEN"), new(GenericVariable)],
        Secret = true,
        Explain = WhatIsWrong,
    };

    public static readonly OptionSpec<string> NetworkId = new(
        "p2p-network-id", "NAME", "A part of the swarm: members of other parts have other keys, and cannot connect.",
        OptionSyntax.ExpectedName, null, OptionSyntax.TryParseName)
    {
        ForeignVariables = [new("LOCALAI_P2P_NETWORK_ID"), new("P2P_NETWORK_ID")],
    };

    public static readonly OptionSpec<int> Port = new(
        "p2p-port", "N",
        "The TCP port that members connect to, on every address of this machine, IPv6 too where it has it; 0: any free one, IPv4 only. "
        + "A container needs no more than this one port.",
        $"a whole number from 0 to {MaxPort}", "0", OptionSyntax.Whole(0, MaxPort));

    public static readonly OptionSpec<Multiaddress> Listen = new(
        "p2p-listen", "MULTIADDR", "Where to listen for members, instead of --p2p-port.",
        "an IP address and a TCP port such as /ip4/0.0.0.0/tcp/4001", null, OptionSyntax.TryParseLocal)
    {
        Repeatable = true,
        ForeignVariables = [new("LOCALAI_P2P_LISTEN_MADDRS")],
    };

    public static readonly OptionSpec<Multiaddress> Announce = Remote(
        "p2p-announce", "Where others are told to reach this machine, instead of where it listens: for ports that are mapped.",
        "LOCALAI_P2P_DHT_ANNOUNCE_MADDRS");

    public static readonly OptionSpec<Multiaddress> Bootstrap = Remote(
        "p2p-bootstrap", "Where members may be found, beside what the token says.", "LOCALAI_P2P_BOOTSTRAP_PEERS_MADDRS");

    public static readonly OptionSpec<bool> Dht = Switch(
        "dht", "Whether members that are not known are looked for in the swarm's private DHT.", "on",
        new("LOCALAI_P2P_DISABLE_DHT", IsOpposite: true));

    public static readonly OptionSpec<bool> Limits = Switch(
        "p2p-limits", "Whether far fewer connections are taken, for small machines: 100 in all, 16 from one address.", "off",
        new("LOCALAI_P2P_ENABLE_LIMITS"));

    public static readonly OptionSpec<string> Mdns = new(
        "mdns", "off|INTERFACE", "On which network interfaces members are looked for by mDNS; without it, on all that can.",
        "'off' or the name of a network interface such as eth0", null, OptionSyntax.TryParseName)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<string> Identity = new(
        "identity", "FILE",
        "The file of this node's key, made where there is none. Without it, one in the user's configuration that no other process uses.",
        "the path of a file", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<string> NodeName = new(
        "node-name", "NAME", "What this node is called in the swarm; without it, as its machine.",
        OptionSyntax.ExpectedName, null, OptionSyntax.TryParseName);

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All =
        [P2p, Token, NetworkId, Port, Listen, Announce, Bootstrap, Dht, Mdns, Limits, Identity, NodeName];

    /// <summary>The variable of so plain a name that it may mean anything.</summary>
    public const string GenericVariable = "TOKEN";

    private static OptionSpec<Multiaddress> Remote(string name, string description, string foreignVariable) => new(
        name, "MULTIADDR", description, "a host and a TCP port such as /ip4/192.0.2.1/tcp/4001 or /dns4/example.org/tcp/4001/p2p/12D3KooW...", null,
        OptionSyntax.TryParseRemote)
    {
        Repeatable = true,
        ForeignVariables = [new(foreignVariable)],
    };

    private static OptionSpec<bool> Switch(string name, string description, string defaultText, OptionVariable foreignVariable) => new(
        name, "on|off", description, "'on' or 'off'", defaultText, OptionSyntax.TryParseSwitch)
    {
        ForeignVariables = [foreignVariable],
    };

    private static string? WhatIsWrong(string text)
    {
        try
        {
            SwarmToken.Parse(text);
            return null;
        }
        catch (SwarmException exception)
        {
            // It never quotes the text.
            return exception.Message;
        }
    }
}
