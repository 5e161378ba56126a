using ManagedSwarm.Server.Commands;

namespace ManagedSwarm.Server.Pages.Models;

/// <summary>What is typed to serve a model, with what it does; a test parses each.</summary>
internal static class ModelCommands
{
    /// <summary>In place of a file that only who types it knows.</summary>
    public const string File = "model.gguf";

    public static IReadOnlyList<(string What, string Command)> All { get; } =
    [
        ("A model of your own, any llama or qwen2 GGUF file:",
            $"{CommandLine.ProgramName} run {File} {RunOptions.Address.LongName} 127.0.0.1:8081"),
        ("The same for a swarm whose token is in MANAGEDSWARM_TOKEN, with routers sending requests:",
            $"{CommandLine.ProgramName} run {File} {RunOptions.Address.LongName} 127.0.0.1:8081 {FederationOptions.Federated.LongName}"),
        ("A model that no machine has room for, over the swarm's workers:",
            $"{CommandLine.ProgramName} run {File} {SwarmCommandOptions.P2p.LongName} {SplitOptions.MinWorkers.LongName} 2"),
    ];
}
