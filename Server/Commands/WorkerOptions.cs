using ManagedSwarm.Engine;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>worker</c>.</summary>
internal static class WorkerOptions
{
    private const int MaxSeconds = 24 * 3600;

    public static readonly OptionSpec<ListenAddress> Address = new(
        "address", "HOST:PORT", "Where to serve pages, /healthz, /readyz, /metrics and the API about the swarm; without it, nowhere.",
        ListenAddress.Expected, null, ListenAddress.TryParse);

    public static readonly OptionSpec<long> Memory = new(
        "memory", "BYTES", "Memory that layers of others' models may take here together, such as 6G; without it, what is free.",
        ByteSize.Expected, null, ByteSize.TryParse);

    public static readonly OptionSpec<string> CacheFolder = new(
        "cache-dir", "FOLDER", "Where weights that were fetched are kept, so that the next start fetches nothing; without it, in the user's cache.",
        "the path of a folder", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<long> CacheLimit = new(
        "cache-limit", "BYTES", "What these weights may take of the disk, such as 40G; the ones that were used least recently make room.",
        ByteSize.Expected, null, ByteSize.TryParse);

    public static readonly OptionSpec<string> OwnFiles = new(
        "own-model", "FILE", "A GGUF file on this machine: layers of that model are read from it instead of being fetched.",
        "the path of a GGUF file", null, OptionSyntax.TryParsePath)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<int> DrainTimeout = new(
        "drain-timeout", "SECONDS", "How long Ctrl-C and SIGTERM wait until others have taken this worker's layers; a second Ctrl-C leaves at once.",
        $"a whole number from 0 to {MaxSeconds}", "30", OptionSyntax.Whole(0, MaxSeconds));

    /// <summary>Those that are not of every member, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Own =
        [Memory, RunOptions.Threads, RunOptions.Device, CacheFolder, CacheLimit, OwnFiles, DrainTimeout, Address, RunOptions.ApiKeys, RunOptions.UiPublic, RunOptions.Log];

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [.. SwarmCommandOptions.All, .. Own];
}
