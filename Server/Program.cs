using ManagedSwarm.Server.Commands;
using ManagedSwarm.Server.OpenAi;

using var signals = new TerminationSignals();
return await CommandLine.RunAsync(args, new CommandContext
{
    Input = Console.In,
    Output = Console.Out,
    Error = Console.Error,
    IsTerminal = !Console.IsErrorRedirected,
    Environment = Environment.GetEnvironmentVariable,
    LoadModel = ServedLanguageModel.LoadAsync,
    Terminated = signals.Requested,
});
