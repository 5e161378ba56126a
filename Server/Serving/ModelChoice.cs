using ManagedSwarm.Engine.Planning;
using ManagedSwarm.Server.Hosting;

namespace ManagedSwarm.Server.Serving;

/// <summary>A model of the catalog, and how it is to be loaded: what is null is as the program was started.</summary>
/// <param name="Model">Its name.</param>
/// <param name="Context">Tokens of context per sequence; 0: what the model's file says.</param>
/// <param name="MinWorkers">Nodes other than this one that must hold layers, at least.</param>
/// <param name="Split">How layers are divided: one of <see cref="Strategies"/>.</param>
public sealed record ModelChoice(string Model, int? Context = null, int? MinWorkers = null, string? Split = null)
{
    /// <summary>The names of what layers can be divided by.</summary>
    public static IReadOnlyList<string> Strategies { get; } = [.. SplitStrategies.BuiltIn.Select(strategy => strategy.Name)];

    /// <summary>Whether it can be as asked only where this node is in a swarm.</summary>
    public bool NeedsSwarm => MinWorkers > 0 || Split is not null;

    /// <summary>The request that this makes of what the catalog says of the model.</summary>
    /// <exception cref="StartException">There is no such strategy.</exception>
    internal ModelRequest ApplyTo(ModelRequest model) => model with
    {
        Options = model.Options with { ContextLength = Context ?? model.Options.ContextLength },
        Head = model.Head with
        {
            MinWorkers = MinWorkers ?? model.Head.MinWorkers,
            Strategy = Split is null ? model.Head.Strategy : StrategyNamed(Split),
        },
    };

    private static ISplitStrategy StrategyNamed(string name) => SplitStrategies.BuiltIn.FirstOrDefault(strategy => strategy.Name == name)
        ?? throw new StartException($"layers cannot be divided by '{name}': expected one of {string.Join(", ", Strategies)}");
}
