namespace ManagedSwarm.Engine.Planning;

/// <summary>The strategies that come with the program, but for <c>manual</c>, which needs ranges.</summary>
public static class SplitStrategies
{
    /// <summary>The first is what is taken where nobody says otherwise.</summary>
    public static IReadOnlyList<ISplitStrategy> BuiltIn { get; } = [new MemoryStrategy(), new SpeedStrategy(), new EvenStrategy()];

    public static ISplitStrategy Default => BuiltIn[0];
}
