using System.CommandLine;
using System.Reflection;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using ManagedSwarm.Bench.Commands;
using ManagedSwarm.Engine;
using ManagedSwarm.Gguf;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport;

// Options without a command are BenchmarkDotNet's: --filter '*Dequantize*', --list flat.
if (args is [['-', ..], ..] and not ["-h" or "--help" or "-?" or "--version", ..])
{
    // On a busy machine the build of what it measures takes longer than its two minutes.
    var config = ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10));
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, config);
    return 0;
}

var root = new RootCommand(
    "Measures the engine and writes what it found to Bench/results. Micro-benchmarks are BenchmarkDotNet's: --filter '*' runs them, "
    + "--list flat names them.")
{
    SpeedCommand.Create(args),
    ServingCommand.Create(args),
    LoadCommand.Create(args),
    LoadCommand.CreateChild(),
    QualityCommand.Create(args),
    InstructionsCommand.Create(args),
    StreamsCommand.Create(args),
    StreamsCommand.CreateServer(),
    SoakCommand.Create(args),
    SwarmCommand.Create(args),
    MembersCommand.Create(args),
    SplitCommand.Create(args),
    HopCommand.Create(args),
    HopCommand.CreateWorker(),
    WeightsCommand.Create(args),
    WireCommand.Create(args),
    DrillBenchCommand.Create(args),
    JoinCommand.Create(args),
    FederationCommand.Create(args),
    FederationCommand.CreateProcess(),
    PageCommand.Create(args),
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception exception)
    when (exception is EngineException or GgufFormatException or SwarmException or StartException or IOException or ArgumentException or InvalidOperationException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
catch (OperationCanceledException)
{
    // By Ctrl-C.
    return 130;
}
