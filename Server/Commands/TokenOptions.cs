using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>token new</c>.</summary>
internal static class TokenOptions
{
    public static readonly OptionSpec<Multiaddress> Bootstrap = new(
        "bootstrap", "ADDR", "Where a member can be found, kept in the token.",
        "a host and a TCP port such as /ip4/192.0.2.1/tcp/4001 or /dns4/example.org/tcp/4001/p2p/12D3KooW...", null, OptionSyntax.TryParseRemote)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<string> PassphraseFile = new(
        "passphrase-file", "FILE", "A text file with a phrase to make the token from, instead of random numbers; with --network.",
        "the path of a text file", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<string> Network = new(
        "network", "NAME", "The network's name: the same phrase and name give the same token on every machine.",
        OptionSyntax.ExpectedName, null, OptionSyntax.TryParseName);

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [Bootstrap, PassphraseFile, Network];
}
