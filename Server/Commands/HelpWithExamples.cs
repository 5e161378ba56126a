using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ManagedSwarm.Server.Commands;

/// <summary>The usual help, and then examples of the command.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>By command; each line is a command line that the parser accepts (a test tries them).</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Examples = new Dictionary<string, IReadOnlyList<string>>
    {
        ["run"] =
        [
            "managedswarm run",
            "managedswarm run model.gguf --address :8080 --api-key SECRET",
            "managedswarm run model.gguf --context 8192 --threads 8 --model-name llama",
            "MANAGEDSWARM_ADDRESS=127.0.0.1:9090 managedswarm run model.gguf",
        ],
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        // The root shows those of its main command.
        var examples = Examples.TryGetValue(command.Name, out var own) ? own : Examples["run"];
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine("  " + example);
        }

        return exitCode;
    }
}
