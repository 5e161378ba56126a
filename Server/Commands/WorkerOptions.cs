namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>worker</c>.</summary>
internal static class WorkerOptions
{
    public static readonly OptionSpec<ListenAddress> Address = new(
        "address", "HOST:PORT", "Where to serve /healthz, /readyz, /metrics and the API about the swarm; without it, nowhere.",
        ListenAddress.Expected, null, ListenAddress.TryParse);

    /// <summary>Those that are not of every member, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Own = [Address, RunOptions.ApiKeys, RunOptions.Log];

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [.. SwarmCommandOptions.All, .. Own];
}
