using ManagedSwarm.Server.Commands;

using var signals = new TerminationSignals();
return await CommandLine.RunAsync(args, new CommandContext
{
    Output = Console.Out,
    Error = Console.Error,
    IsTerminal = !Console.IsErrorRedirected,
    Environment = Environment.GetEnvironmentVariable,
    LoadModel = (path, _, _, _, _, _) => throw new NotImplementedException(path),
    Terminated = signals.Requested,
});
