using ManagedSwarm.Engine;
using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.Hosting;
using ManagedSwarm.Transport.Frames;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options that say how a model is split, and what they mean.</summary>
internal static class SplitOptions
{
    public const int MaxWorkers = 10_000;
    private const int MaxSeconds = 24 * 3600;

    public static readonly OptionSpec<string> Split = new(
        "split", "memory|speed|even|manual|NAME",
        "How layers are divided: in proportion to free memory, for speed, evenly, by --layers, or as a strategy of --strategy-assembly does. "
        + "Without it, a model that fits into this machine's memory is not split, and another one by memory.",
        "a strategy's name, such as 'memory', 'speed', 'even' or 'manual'", null, OptionSyntax.TryParseName);

    public static readonly OptionSpec<SplitObjective> Objective = OptionSyntax.Choice(
        "objective", "What --split speed makes small: the time per token of one reply, or that of the slowest stage, which many requests wait for.",
        "reply-time", ("reply-time", SplitObjective.ReplyTime), ("throughput", SplitObjective.Throughput));

    public static readonly OptionSpec<ManualRange> Layers = new(
        "layers", "PEER=A..B", "The layers of a node, both ends included: its name, its id or the beginning or end of it, or 'self'.",
        ManualRange.Expected, null, ManualRange.TryParse)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<string> LayersFile = new(
        "layers-file", "FILE", "The layers of all nodes, as JSON: [{\"node\": \"desk\", \"layers\": \"0..7\"}, ...].",
        "the path of a JSON file", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<int> MinWorkers = new(
        "min-workers", "N", "Nodes other than this one that must hold layers, at least.",
        $"a whole number from 0 to {MaxWorkers}", "0", OptionSyntax.Whole(0, MaxWorkers));

    public static readonly OptionSpec<string> Assembly = new(
        "strategy-assembly", "FILE", "A .NET assembly with split strategies of your own; it runs with all rights of this program.",
        "the path of an assembly", null, OptionSyntax.TryParsePath);

    public static readonly OptionSpec<bool> HeadLayers = OptionSyntax.Choice(
        "head-layers", "Whether this node may hold layers, too.", "on", ("on", true), ("off", false));

    public static readonly OptionSpec<WireType> Wire = OptionSyntax.Choice(
        "wire", "What hidden states are sent as between nodes: exact, or half or a quarter of the bytes at the cost of the last bits.", "f32",
        ("f32", WireType.F32), ("f16", WireType.F16), ("q8", WireType.Q8));

    public static readonly OptionSpec<int> RecoverTimeout = new(
        "recover-timeout", "SECONDS", "How long layers of a lost worker may be nobody's before replies fail; 0: they fail at once.",
        $"a whole number from 0 to {MaxSeconds}", "60", OptionSyntax.Whole(0, MaxSeconds));

    public static readonly OptionSpec<long> RecoveryLog = new(
        "recovery-log", "BYTES",
        "What each node remembers of what it has sent on, at most, so that a reply goes on quickly where a worker is lost; 0: nothing.",
        ByteSize.Expected, "256M", ByteSize.TryParse);

    public static readonly OptionSpec<bool> LateWorkers = OptionSyntax.Choice(
        "late-workers", "Whether workers that come later get some of the others' layers, between two steps, where a plan says that it pays.",
        "on", ("on", true), ("off", false));

    public static readonly OptionSpec<int> Spares = new(
        "spares", "N",
        "Nodes without layers that fetch the weights of all layers on workers, and keep them on disk, so that one of them is soon in the place of a lost one.",
        $"a whole number from 0 to {MaxWorkers}", "0", OptionSyntax.Whole(0, MaxWorkers));

    /// <summary>Those of <c>plan</c>, in the order of the help.</summary>
    public static IReadOnlyList<OptionSpec> Plan => [.. All, HeadLayers, Wire];

    /// <summary>Those of <c>run</c>, in the order of the help.</summary>
    public static IReadOnlyList<OptionSpec> Run => [.. Plan, RecoverTimeout, RecoveryLog, LateWorkers, Spares];

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [Split, Objective, Layers, LayersFile, MinWorkers, Assembly];

    /// <summary>The strategies that can be asked for: those that come along, the user's, and <c>manual</c> where ranges are given.</summary>
    /// <exception cref="UsageException">The options contradict each other.</exception>
    /// <exception cref="StartException">A file of theirs cannot be used.</exception>
    public static IReadOnlyList<ISplitStrategy> ReadAvailable(OptionValues values) =>
        [.. SplitStrategies.BuiltIn, .. ReadOwn(values), .. ReadManual(values) is { } manual ? [manual] : Array.Empty<ISplitStrategy>()];

    /// <summary>The strategy that is asked for: by name, by ranges, or as the only one of an assembly; null: none.</summary>
    /// <exception cref="UsageException">The options contradict each other, or there is no such strategy.</exception>
    /// <exception cref="StartException">A file of theirs cannot be used.</exception>
    public static ISplitStrategy? ReadAsked(OptionValues values)
    {
        var manual = ReadManual(values);
        if (values.Get(Split) is { } name)
        {
            return FindNamed(values, name, manual);
        }

        return (manual, ReadOwn(values)) switch
        {
            ({ } ranges, _) => ranges,
            (null, []) => null,
            (null, [var only]) => only,
            (null, var several) => throw new UsageException(
                $"{Split.LongName}: expected one of {NamesOf(several)}, as {Assembly.LongName} has several"),
        };
    }

    private static ISplitStrategy FindNamed(OptionValues values, string name, ManualStrategy? manual)
    {
        var source = values.Find(Split)!.Source;
        if (manual is not null && name != manual.Name)
        {
            throw new UsageException($"{source}: expected '{manual.Name}', as {SourceOfRanges(values)} is given, found '{name}'");
        }

        var available = ReadAvailable(values);
        return available.FirstOrDefault(strategy => strategy.Name == name)
            ?? throw new UsageException(name == new ManualStrategy([]).Name
                ? $"{source}: '{name}' needs {Layers.LongName} or {LayersFile.LongName}"
                : $"{source}: expected {NamesOf(available)} or 'manual', found '{name}'");
    }

    private static ManualStrategy? ReadManual(OptionValues values)
    {
        var ranges = values.GetAll(Layers);
        var file = values.Get(LayersFile);
        if (ranges.Count > 0 && file is not null)
        {
            throw new UsageException($"expected {Layers.LongName} or {LayersFile.LongName}, found both");
        }

        return file is not null ? new(Read(() => RangesFile.Read(file))) : ranges.Count > 0 ? new(ranges) : null;
    }

    private static IReadOnlyList<ISplitStrategy> ReadOwn(OptionValues values) =>
        values.Get(Assembly) is { } path ? Read(() => StrategyAssembly.Load(path)) : [];

    private static string SourceOfRanges(OptionValues values) => (values.Find(Layers) ?? values.Find(LayersFile))!.Source;

    private static string NamesOf(IEnumerable<ISplitStrategy> strategies) => string.Join(", ", strategies.Select(strategy => $"'{strategy.Name}'"));

    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (EngineException exception)
        {
            throw new StartException(exception.Message, exception);
        }
    }
}
