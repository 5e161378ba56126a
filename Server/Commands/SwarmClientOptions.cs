using System.Diagnostics.CodeAnalysis;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>swarm</c>'s commands.</summary>
internal static class SwarmClientOptions
{
    /// <summary>The keys of <see cref="RunOptions.ApiKeys"/>, as texts that can be sent: the first one is.</summary>
    public static readonly OptionSpec<string> Key = new(
        RunOptions.ApiKeys.Name, RunOptions.ApiKeys.ValueName, "The key of the node's API, where it has one.", RunOptions.ApiKeys.Expected, null,
        TryParseKey)
    {
        Repeatable = true,
        Secret = true,
    };

    public static readonly OptionSpec<bool> Json = new("json", "", "Prints the node's answer as it is.", "'on' or 'off'", null, OptionSyntax.TryParseSwitch)
    {
        IsFlag = true,
    };

    /// <summary>Where the node serves its API; the variable is the one that tells the node.</summary>
    public static readonly OptionSpec<ListenAddress> Address = new(
        RunOptions.Address.Name, RunOptions.Address.ValueName, "Where the node serves its API.",
        ListenAddress.Expected, RunOptions.Address.DefaultText, ListenAddress.TryParse);

    /// <summary>Those that all commands have, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [Address, Key];

    private static bool TryParseKey(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return RunOptions.TryParseKey(text, out _);
    }
}
