using System.CommandLine;
using ManagedSwarm.Bench.Federation;
using ManagedSwarm.Bench.Reports;

namespace ManagedSwarm.Bench.Commands;

/// <summary>
/// <c>federation</c>: routers and mock instances of unequal speed, each in processes of their own; this one makes the load.
/// </summary>
internal sealed class FederationCommand
{
    private static readonly IReadOnlyList<IFederationPart> Parts =
    [
        new AddedLatency(), new RequestRate(), new OpenStreams(), new CancelledRequests(),
        new SumOfRates(), new KilledInstance(), new RoutersSideBySide(), new PrefixHits(), new PolicyContest(),
    ];

    private readonly Option<string[]> _parts = new("--parts")
    {
        Description = $"What is measured; without it, all of {string.Join(", ", Parts.Select(part => part.Name))}",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int> _requests = new("--requests") { Description = "Requests of a load", DefaultValueFactory = _ => 400 };
    private readonly Option<int> _warmUp = new("--warm-up")
    {
        Description = "Requests before them, so that speeds are known",
        DefaultValueFactory = _ => 60,
    };

    private readonly Option<int> _tokens = new("--tokens") { Description = "Tokens of a reply", DefaultValueFactory = _ => 24 };
    private readonly Option<double> _load = new("--load")
    {
        Description = "Offered load, of what all instances can do",
        DefaultValueFactory = _ => 0.8,
    };

    private readonly Option<int> _rounds = new("--rounds") { Description = "Rounds", DefaultValueFactory = _ => 3 };
    private readonly Option<int> _seconds = new("--seconds") { Description = "Of each measurement of a rate", DefaultValueFactory = _ => 5 };
    private readonly Option<string?> _output = new("--output")
    {
        Description = "The Markdown file to write; by default a new one in Bench/results",
    };

    public static Command Create(IReadOnlyList<string> arguments)
    {
        var federation = new FederationCommand();
        var command = new Command("federation", "Routers over mock instances: what they choose, what they cost, and what they survive")
        {
            federation._parts, federation._requests, federation._warmUp, federation._tokens, federation._load, federation._rounds,
            federation._seconds, federation._output,
        };
        command.SetAction((parsed, cancellationToken) => federation.RunAsync(parsed, arguments, cancellationToken));
        return command;
    }

    /// <summary>What <c>federation</c> starts: instances, or a router, until its standard input ends.</summary>
    public static Command CreateProcess()
    {
        var plan = new Argument<string>("plan");
        var command = new Command(FederationProcess.CommandName) { plan };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            FederationProcessLoop.RunAsync(parsed.GetValue(plan)!, Console.In, Console.Out, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var names = parsed.GetValue(_parts) ?? [];
        if (names.Except(Parts.Select(part => part.Name)).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"--parts: there is no '{unknown}'");
        }

        var report = new Report(
            "federation",
            "Federation",
            $"mock instances, routers and the load in processes of their own, over loopback; {FederationScale.Speed}",
            arguments);
        report.AddParagraph(
            "Four instances of 1, 1, 2 and 4 times that speed, where nothing else is said, and a router with the default policy. Medians of "
            + $"{parsed.GetValue(_rounds)} rounds [each round in brackets]; ratios are those of the same round.");
        var scale = new FederationScale(
            parsed.GetValue(_rounds),
            parsed.GetValue(_requests),
            parsed.GetValue(_warmUp),
            parsed.GetValue(_tokens),
            parsed.GetValue(_load),
            parsed.GetValue(_seconds));
        foreach (var part in Parts.Where(part => names.Length == 0 || names.Contains(part.Name)))
        {
            await part.AddToAsync(report, scale, cancellationToken);
        }

        report.Save(parsed.GetValue(_output));
        return 0;
    }
}
