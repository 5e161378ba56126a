using System.CommandLine;
using System.Reflection;
using BenchmarkDotNet.Running;
using ManagedSwarm.Bench.Commands;
using ManagedSwarm.Engine;
using ManagedSwarm.Gguf;

// Options without a command are BenchmarkDotNet's: --filter '*Dequantize*', --list flat.
if (args is [['-', ..], ..] and not ["-h" or "--help" or "-?" or "--version", ..])
{
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
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
};
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (Exception exception)
    when (exception is EngineException or GgufFormatException or IOException or ArgumentException or InvalidOperationException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
