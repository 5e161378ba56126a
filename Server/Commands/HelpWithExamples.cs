using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace ManagedSwarm.Server.Commands;

/// <summary>The usual help, and then examples of the command.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>By command, as it is typed; each line is a command line that the parser accepts (a test tries them).</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> Examples = new Dictionary<string, IReadOnlyList<string>>
    {
        ["run"] =
        [
            "managedswarm run",
            "managedswarm run model.gguf --address :8080 --api-key SECRET",
            "managedswarm run model.gguf --context 8192 --threads 8 --model-name llama",
            "MANAGEDSWARM_ADDRESS=127.0.0.1:9090 managedswarm run model.gguf",
            "managedswarm run model.gguf --p2p",
            "MANAGEDSWARM_TOKEN=mswarm1:... managedswarm run model.gguf --p2p-port 4001",
            "managedswarm run model.gguf --token mswarm1:... --federated",
        ],
        ["federated"] =
        [
            "managedswarm federated --token mswarm1:...",
            "MANAGEDSWARM_TOKEN=mswarm1:... managedswarm federated --address :8080 --api-key SECRET --policy least-busy",
        ],
        ["worker"] =
        [
            "managedswarm worker --token mswarm1:...",
            "MANAGEDSWARM_TOKEN=mswarm1:... managedswarm worker --p2p-port 4001 --address 127.0.0.1:8081",
        ],
        ["plan"] =
        [
            "managedswarm plan model.gguf",
            "managedswarm plan model.gguf --nodes nodes.json --context 8192 --json",
            "managedswarm plan model.gguf --nodes nodes.json --split speed --objective throughput",
            "managedswarm plan model.gguf --layers desk=0..15 --layers lap=16..21",
        ],
        ["drill"] =
        [
            "managedswarm drill",
            "managedswarm drill model.gguf --workers 3 --kill stage=2 --at 50 --how stop",
            "managedswarm drill model.gguf --spares 1 --at prefill --at 50 --how kill --how slow --json",
        ],
        ["swarm"] =
        [
            "managedswarm swarm status",
            "managedswarm swarm watch",
            "managedswarm swarm drain self",
        ],
        ["swarm status"] =
        [
            "managedswarm swarm status",
            "managedswarm swarm status --json --address 127.0.0.1:8081",
        ],
        ["swarm watch"] =
        [
            "managedswarm swarm watch --api-key SECRET",
        ],
        ["swarm drain"] =
        [
            "managedswarm swarm drain self",
        ],
        ["swarm unload"] =
        [
            "managedswarm swarm unload llama",
        ],
        ["swarm doctor"] =
        [
            "managedswarm swarm doctor",
            "managedswarm swarm doctor --token mswarm1:...",
            "managedswarm swarm doctor /ip4/192.0.2.1/tcp/4001 --token mswarm1:... --json",
        ],
        ["token"] =
        [
            "managedswarm token new",
            "managedswarm token inspect -",
        ],
        ["token new"] =
        [
            "managedswarm token new",
            "managedswarm token new --bootstrap /ip4/192.0.2.1/tcp/4001 --bootstrap /dns4/example.org/tcp/4001",
            "managedswarm token new --passphrase-file phrase.txt --network home",
        ],
        ["token inspect"] =
        [
            "managedswarm token inspect -",
            "MANAGEDSWARM_TOKEN=mswarm1:... managedswarm token inspect",
        ],
        ["peer"] =
        [
            "managedswarm peer listen",
            "managedswarm peer ping /ip4/192.0.2.1/tcp/4001",
            "managedswarm peer echo /ip4/192.0.2.1/tcp/4001",
        ],
        ["peer listen"] =
        [
            "managedswarm peer listen",
            "MANAGEDSWARM_TOKEN=mswarm1:... managedswarm peer listen --address /ip4/0.0.0.0/tcp/4001 --identity peer.key",
        ],
        ["peer ping"] =
        [
            "managedswarm peer ping /ip4/192.0.2.1/tcp/4001 --count 10",
            "MANAGEDSWARM_TOKEN=mswarm1:... managedswarm peer ping",
        ],
        ["peer echo"] =
        [
            "managedswarm peer echo /ip4/192.0.2.1/tcp/4001",
            "managedswarm peer echo /ip4/192.0.2.1/tcp/4001 --bytes 1000000000",
        ],
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = help.Invoke(parseResult);
        // The root shows those of its main command.
        var examples = Examples.TryGetValue(PathOf(parseResult.CommandResult), out var own) ? own : Examples["run"];
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples)
        {
            output.WriteLine("  " + example);
        }

        return exitCode;
    }

    private static string PathOf(CommandResult result) =>
        result.Parent is CommandResult { Command: not RootCommand } parent ? $"{PathOf(parent)} {result.Command.Name}" : result.Command.Name;
}
