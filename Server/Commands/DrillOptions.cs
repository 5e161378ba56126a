using System.Diagnostics.CodeAnalysis;
using ManagedSwarm.Server.Drills;
using ManagedSwarm.Server.Hosting;
using static ManagedSwarm.Server.Commands.OptionSyntax;

namespace ManagedSwarm.Server.Commands;

/// <summary>The table of the options of <c>drill</c>, and what they mean.</summary>
internal static class DrillOptions
{
    // More processes than any machine has room for; the model's layers are the other limit.
    private const int MaxNodes = 64;
    private const int MaxTokens = 1024 * 1024;
    private const int MaxRounds = 10_000;
    private const int MaxThreads = 1024;
    private const string StagePrefix = "stage=";

    public static readonly OptionSpec<int> Workers = new(
        "workers", "N", "Workers that share the layers evenly, a stage each.", $"a whole number from 1 to {MaxNodes}", "3", Whole(1, MaxNodes));

    public static readonly OptionSpec<int> Spares = new(
        "spares", "N", "Further workers, which hold nothing.", $"a whole number from 0 to {MaxNodes}", "0", Whole(0, MaxNodes));

    public static readonly OptionSpec<IReadOnlyList<int>> Kill = new(
        "kill", "stage=N",
        "The stage whose worker is hit, the first is 1; stage=1+2 hits two at once. Without it, each stage, one after the other.",
        "a stage such as 'stage=2', or several such as 'stage=1+2'", null, TryParseStages)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<int> At = new(
        "at", "N|prefill", "When: that many tokens of the reply have come; prefill, or 0: the request has just been sent.",
        $"a whole number from 0 to {MaxTokens}, or '{DrillAction.Prefill}'", "50", TryParseAt)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<DrillFault> How = new(
        "how", "kill|stop|reset|slow|term",
        "How: the process is killed; stopped; its connections are reset; it is stopped for four fifths of the time; it is asked to leave (SIGTERM).",
        "'kill', 'stop', 'reset', 'slow' or 'term'", "kill", TryParseFault)
    {
        Repeatable = true,
    };

    public static readonly OptionSpec<int> Prompt = new(
        "prompt", "TOKENS", "Tokens of the prompt.", $"a whole number from 1 to {MaxTokens}", "64", Whole(1, MaxTokens));

    public static readonly OptionSpec<int> Tokens = new(
        "tokens", "N", "Tokens of the reply.", $"a whole number from 1 to {MaxTokens}", "100", Whole(1, MaxTokens));

    public static readonly OptionSpec<int> Seed = new(
        "seed", "S", "Of the prompt and of the sampling.", "a whole number from 0 to 2147483647", "1", Whole(0, int.MaxValue));

    public static readonly OptionSpec<int> Rounds = new(
        "rounds", "N", "How often all of it is done.", $"a whole number from 1 to {MaxRounds}", "1", Whole(1, MaxRounds));

    public static readonly OptionSpec<int> Threads = new(
        "threads", "N", "Threads that compute, of each worker; 0: one per core.",
        $"a whole number from 0 to {MaxThreads}", "1", Whole(0, MaxThreads));

    public static readonly OptionSpec<bool> HaveFile = Choice(
        "weights", "Where workers have their layers from: fetched from the head, or read from the file.", "fetch", ("fetch", false), ("file", true));

    public static readonly OptionSpec<bool> Json = new(
        SwarmClientOptions.Json.Name, "", "Prints what came of it as JSON.", SwarmClientOptions.Json.Expected, null, TryParseSwitch)
    {
        IsFlag = true,
    };

    /// <summary>All of them, in the order of the help.</summary>
    public static readonly IReadOnlyList<OptionSpec> All = [Workers, Spares, Kill, At, How, Prompt, Tokens, Seed, Rounds, Threads, HaveFile, Json];

    /// <summary>The plan that is asked for: each stage, each fault and each time with each other.</summary>
    /// <exception cref="UsageException">An option's value is not what it expects, or they contradict each other.</exception>
    /// <exception cref="StartException">The model cannot be read.</exception>
    public static DrillPlan Read(string model, OptionValues values)
    {
        var (workers, tokens) = (values.Get(Workers), values.Get(Tokens));
        IReadOnlyList<IReadOnlyList<int>> stages = values.Find(Kill) is null
            ? [.. Enumerable.Range(1, workers).Select(stage => new[] { stage })]
            : values.GetAll(Kill);
        if (stages.SelectMany(some => some).FirstOrDefault(stage => stage > workers) is > 0 and var missing)
        {
            throw new UsageException($"{Kill.LongName}: expected a stage from 1 to {workers}, as {Workers.LongName} has it, found {missing}");
        }

        if (values.GetAll(At).FirstOrDefault(at => at >= tokens) is > 0 and var late)
        {
            throw new UsageException($"{At.LongName}: expected less than the {tokens} tokens of the reply ({Tokens.LongName}), found {late}");
        }

        var actions = values.GetAll(How).SelectMany(fault => values.GetAll(At).SelectMany(at => stages.Select(some => new DrillAction(some, fault, at))));
        var plan = DrillPlan.For(model) with
        {
            Workers = workers,
            Spares = values.Get(Spares),
            HaveFile = values.Get(HaveFile),
            Threads = values.Get(Threads),
            PromptTokens = values.Get(Prompt),
            ReplyTokens = tokens,
            Seed = values.Get(Seed),
            Rounds = values.Get(Rounds),
            Actions = [.. actions],
        };
        return plan.LayerCount >= workers
            ? plan
            : throw new UsageException($"{Workers.LongName}: expected at most {plan.LayerCount}, as the model has so many layers, found {workers}");
    }

    private static bool TryParseStages(string text, [MaybeNullWhen(false)] out IReadOnlyList<int> stages)
    {
        stages = null;
        if (!text.StartsWith(StagePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        var found = new List<int>();
        foreach (var word in text[StagePrefix.Length..].Split('+'))
        {
            if (!Whole(1, MaxNodes)(word, out var stage) || found.Contains(stage))
            {
                return false;
            }

            found.Add(stage);
        }

        stages = found;
        return true;
    }

    private static bool TryParseAt(string text, out int at)
    {
        at = 0;
        return text == DrillAction.Prefill || Whole(0, MaxTokens)(text, out at);
    }

    private static bool TryParseFault(string text, out DrillFault fault)
    {
        fault = Enum.GetValues<DrillFault>().FirstOrDefault(one => DrillAction.TextOf(one) == text, (DrillFault)(-1));
        return (int)fault >= 0;
    }
}
