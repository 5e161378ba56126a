using System.Text.Json;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Server.P2pApi;
using ManagedSwarm.Transport;
using ManagedSwarm.Transport.Diagnostics.Doctor;
using ManagedSwarm.Transport.Token;

namespace ManagedSwarm.Server.Commands;

/// <summary>
/// <c>swarm doctor</c>: tries the addresses that are known, and says what keeps nodes apart and what to do about it. It joins nothing; a node
/// that runs on this machine adds what it knows.
/// </summary>
internal static class SwarmDoctorCommand
{
    public const string Name = "doctor";

    private static readonly OptionSpec<bool> Json = new(
        SwarmClientOptions.Json.Name, "", "Prints what was found as JSON.", SwarmClientOptions.Json.Expected, null, OptionSyntax.TryParseSwitch)
    {
        IsFlag = true,
    };

    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<OptionSpec> Options { get; } =
        [.. SwarmClientOptions.All, SwarmCommandOptions.Token, SwarmCommandOptions.NetworkId, SwarmCommandOptions.Bootstrap, Json];

    /// <returns>0: nothing keeps nodes apart; 1: something does.</returns>
    /// <exception cref="UsageException">There is no token, neither given nor of a node that runs here.</exception>
    public static async Task<int> RunAsync(SwarmClient client, OptionValues values, CommandContext context)
    {
        var (swarm, trials, absence) = await AskNodeAsync(client, context.Terminated);
        var token = await FindTokenAsync(client, values, swarm, context);
        var examined = new DoctorCaseBuilder(token, swarm, trials, context.Folders).Build(
            values.GetArgument(SwarmCommand.PeerArgument), values.GetAll(SwarmCommandOptions.Bootstrap));
        var report = await new SwarmDoctor(token, new() { Time = context.Time }).ExamineAsync(examined, context.Terminated);
        if (values.Get(Json))
        {
            context.Output.WriteLine(JsonSerializer.Serialize(DoctorView.Of(report, examined), SwarmJson.Wire.DoctorBody));
        }
        else
        {
            DoctorTable.Write(SwarmTable.ConsoleFor(context.Output), report, absence);
        }

        return report.IsHealthy ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task<(SwarmBody? Swarm, IReadOnlyList<TrialBody> Trials, string? Absence)> AskNodeAsync(
        SwarmClient client, CancellationToken cancellationToken)
    {
        try
        {
            var swarm = await client.GetStatusAsync(cancellationToken);
            return swarm.Enabled
                ? (swarm, (await client.GetTrialsAsync(cancellationToken)).Trials, null)
                : (null, [], "the node on this machine is in no swarm");
        }
        catch (StartException exception)
        {
            return (null, [], exception.Message);
        }
    }

    private static async Task<SwarmToken> FindTokenAsync(SwarmClient client, OptionValues values, SwarmBody? swarm, CommandContext context)
    {
        var networkId = values.Get(SwarmCommandOptions.NetworkId) ?? swarm?.NetworkId;
        try
        {
            var token = values.Get(SwarmCommandOptions.Token) ?? (swarm is null ? null : SwarmToken.Parse(await client.GetTokenAsync(context.Terminated)));
            return token?.InSubnetwork(networkId)
                ?? throw new UsageException($"expected {SwarmCommandOptions.Token.LongName}, as no node of a swarm runs here whose token could be taken");
        }
        catch (SwarmException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }
}
