using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.OpenAi;
using ManagedSwarm.Server.P2p;
using ManagedSwarm.Transport.Membership.Node;

using var signals = new TerminationSignals();
return await CommandLine.RunAsync(args, new CommandContext
{
    OpenInput = () => Console.In,
    OpenInputBytes = Console.OpenStandardInput,
    Output = Console.Out,
    OpenOutputBytes = Console.OpenStandardOutput,
    Error = Console.Error,
    IsTerminal = !Console.IsErrorRedirected,
    Environment = Environment.GetEnvironmentVariable,
    LoadModel = ServedLanguageModel.LoadAsync,
    StartSwarm = SwarmNode.StartAsync,
    MeasureBandwidth = MachineFacts.MeasureBandwidth,
    Terminated = signals.Requested,
});
