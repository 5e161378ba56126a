using System.Diagnostics;
using System.Reflection;

namespace ManagedSwarm.Bench.Peers;

/// <summary>This program itself, to be run again for what needs a process of its own.</summary>
internal static class OwnProgram
{
    /// <summary>What starts it with other arguments.</summary>
    public static ProcessStartInfo With(params IEnumerable<string> arguments)
    {
        // 'dotnet Bench.dll' has the runtime's program, 'dotnet run' our own.
        var program = Environment.ProcessPath!;
        var isRuntime = Path.GetFileNameWithoutExtension(program) == "dotnet";
        return new(program, isRuntime ? [Assembly.GetExecutingAssembly().Location, .. arguments] : arguments);
    }
}
