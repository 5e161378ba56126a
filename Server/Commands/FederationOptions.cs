using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Server.Federation;
using ManagedSwarm.Server.Federation.Policies;
using static ManagedSwarm.Server.Commands.OptionSyntax;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of federated mode: <c>run</c> and <c>federated</c> have them.</summary>
internal static class FederationOptions
{
    private const int MaxTagChars = 128;

    public static readonly OptionSpec<bool> Federated = new(
        "federated", "", "Answers requests that routers of the swarm send, too.", "'on' or 'off'", null, TryParseSwitch)
    {
        IsFlag = true,
        ForeignVariables = [new("LOCALAI_FEDERATED"), new("FEDERATED")],
    };

    public static readonly OptionSpec<bool> Route = new(
        "route", "", "Sends requests on to the swarm's instances, of which this one is one.", "'on' or 'off'", null, TryParseSwitch)
    {
        IsFlag = true,
    };

    public static readonly OptionSpec<RoutePolicyKind?> Policy = new(
        "policy", "balanced|least-busy|prefix|random|target",
        "Who gets a request: where its beginning is cached unless that one is much busier, the least busy, where it is cached whatever comes, any, "
        + "or only --target-worker.",
        "'balanced', 'least-busy', 'prefix', 'random' or 'target'", null, TryParsePolicy);

    public static readonly OptionSpec<bool> RandomWorker = new(
        "random-worker", "", "LocalAI's word for --policy random.", "'on' or 'off'", null, TryParseSwitch)
    {
        IsFlag = true,
        ForeignVariables = [new("LOCALAI_RANDOM_WORKER"), new("RANDOM_WORKER")],
    };

    public static readonly OptionSpec<string> TargetWorker = new(
        "target-worker", "ID", "The only instance that gets requests, by its id or its name; it alone means --policy target.",
        ExpectedName, null, TryParseName)
    {
        ForeignVariables = [new("LOCALAI_TARGET_WORKER"), new("TARGET_WORKER")],
    };

    public static readonly OptionSpec<bool> NodeHeader = new(
        "node-header", "", "Each answer has a header X-ManagedSwarm-Node with the id of the node that has made it.", "'on' or 'off'", null, TryParseSwitch)
    {
        IsFlag = true,
    };

    public static readonly OptionSpec<string> MachineTag = new(
        "machine-tag", "TEXT", "Each answer has a header Machine-Tag with this text; what an instance says, a router passes on.",
        "1 to 128 visible ASCII characters and spaces between them", null, TryParseTag)
    {
        ForeignVariables = [new("LOCALAI_MACHINE_TAG"), new("MACHINE_TAG")],
    };

    /// <summary>Those of <c>federated</c>, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Router = [Policy, RandomWorker, TargetWorker, NodeHeader, MachineTag];

    /// <summary>Those of <c>run</c>, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> Run = [Federated, Route, .. Router];

    /// <summary>How requests are shared out, as the options say.</summary>
    /// <exception cref="UsageException">They contradict each other.</exception>
    public static RouterOptions Read(OptionValues values)
    {
        var target = values.Get(TargetWorker);
        var (policy, isRandom) = (values.Get(Policy), values.Get(RandomWorker));
        var meant = policy ?? (target is not null ? RoutePolicyKind.Target : isRandom ? RoutePolicyKind.Random : RoutePolicyKind.Balanced);
        if ((meant == RoutePolicyKind.Target) != (target is not null))
        {
            throw new UsageException(target is null
                ? $"{Policy.LongName} target: expected {TargetWorker.LongName} {TargetWorker.ValueName}, too"
                : $"{TargetWorker.LongName}: expected {Policy.LongName} target or none, found another");
        }

        return isRandom && meant != RoutePolicyKind.Random
            ? throw new UsageException($"{RandomWorker.LongName}: expected no other policy and no {TargetWorker.LongName} beside it")
            : new() { Policy = meant, Target = target };
    }

    private static bool TryParsePolicy(string text, [NotNullWhen(true)] out RoutePolicyKind? value)
    {
        value = text switch
        {
            "balanced" => RoutePolicyKind.Balanced,
            "least-busy" => RoutePolicyKind.LeastBusy,
            "prefix" => RoutePolicyKind.Prefix,
            "random" => RoutePolicyKind.Random,
            "target" => RoutePolicyKind.Target,
            _ => null,
        };
        return value is not null;
    }

    private static bool TryParseTag(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return text.Length is > 0 and <= MaxTagChars && text.Trim() == text && text.All(c => c is >= ' ' and <= '~');
    }
}
