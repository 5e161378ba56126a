namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>plan</c>.</summary>
internal static class PlanOptions
{
    private const int MaxPrompt = 16 * 1024 * 1024;
    private const int MaxRequests = 4096;

    public static readonly OptionSpec<string> Nodes = new(
        "nodes", "FILE",
        "The machines and the links between them, as JSON; without it, the members of the swarm of the node that runs here, or this machine alone.",
        "the path of a JSON file", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<int> Prompt = new(
        "prompt", "N", "Tokens of the prompt whose first token is predicted.",
        $"a whole number from 1 to {MaxPrompt}", "512", OptionSyntax.Whole(1, MaxPrompt));

    public static readonly OptionSpec<int> Requests = new(
        "requests", "N", "Requests at once for which tokens per second are predicted.",
        $"a whole number from 1 to {MaxRequests}", "8", OptionSyntax.Whole(1, MaxRequests));

    public static readonly OptionSpec<bool> Json = new(
        SwarmClientOptions.Json.Name, "", "Prints the plans as JSON.", SwarmClientOptions.Json.Expected, null, OptionSyntax.TryParseSwitch)
    {
        IsFlag = true,
    };

    /// <summary>Those that only <c>plan</c> has, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Own = [Nodes, Prompt, Requests, Json];

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All =
        [.. Own, RunOptions.Context, RunOptions.Device, RunOptions.Kernels, RunOptions.Kv, .. SplitOptions.Plan, .. SwarmClientOptions.All];
}
