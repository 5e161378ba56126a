using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>What makes another machine a member, out of the commands and options that there are.</summary>
internal static class JoinCommands
{
    // On this machine, the usual port is taken.
    private const string AnyPort = "127.0.0.1:0";

    /// <summary>The program as it is called where it is installed.</summary>
    public static IReadOnlyList<string> Installed { get; } = [CommandLine.ProgramName];

    /// <summary>The program that runs here, as this machine finds it wherever it is typed.</summary>
    public static IReadOnlyList<string> Here { get; } = FindHere(Environment.ProcessPath, typeof(JoinCommands).Assembly.Location);

    /// <summary>Gives its memory to the models of others.</summary>
    public static JoinCommand Worker(SwarmToken token, string? networkId, IReadOnlyList<string>? program = null) =>
        Create(program, WorkerCommand.Name, token, networkId);

    /// <summary>Answers whole requests that routers send.</summary>
    /// <param name="token">The swarm's.</param>
    /// <param name="networkId">The part of the swarm; null: none.</param>
    /// <param name="program">How the program is called; null: as where it is installed.</param>
    public static JoinCommand Instance(SwarmToken token, string? networkId, IReadOnlyList<string>? program = null) =>
        Create(program, RunCommand.Name, token, networkId, [FederationOptions.Federated.LongName, .. AddressFor(program)]);

    /// <summary>One address for all instances.</summary>
    /// <param name="token">The swarm's.</param>
    /// <param name="networkId">The part of the swarm; null: none.</param>
    /// <param name="program">How the program is called; null: as where it is installed.</param>
    public static JoinCommand Router(SwarmToken token, string? networkId, IReadOnlyList<string>? program = null) =>
        Create(program, FederatedCommand.Name, token, networkId, AddressFor(program));

    /// <summary>The program by its file: a runtime is called with it, unless it is a program by itself.</summary>
    internal static IReadOnlyList<string> FindHere(string? process, string assembly) =>
        process is null || assembly.Length == 0 ? Installed
        : Path.GetFileNameWithoutExtension(process) == Path.GetFileNameWithoutExtension(assembly) ? [process]
        : ["dotnet", assembly];

    private static JoinCommand Create(IReadOnlyList<string>? program, string command, SwarmToken token, string? networkId, params IEnumerable<string> more) => new(
        [
            .. program ?? Installed,
            command,
            SwarmCommandOptions.Token.LongName,
            token.Reveal(),
            .. networkId is null ? [] : new[] { SwarmCommandOptions.NetworkId.LongName, networkId },
            .. more,
        ],
        token);

    private static string[] AddressFor(IReadOnlyList<string>? program) =>
        program is null || program.SequenceEqual(Installed) ? [] : [RunOptions.Address.LongName, AnyPort];
}
