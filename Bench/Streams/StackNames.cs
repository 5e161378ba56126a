namespace ManagedSwarm.Bench.Streams;

/// <summary>What stacks are called in tables.</summary>
internal static class StackNames
{
    /// <summary>Those above a socket.</summary>
    public static IReadOnlyList<Stack> Muxed { get; } = [Stack.NoiseYamux, Stack.NoiseYamuxPnet];

    public static IReadOnlyList<Stack> All { get; } = [Stack.RawTcp, .. Muxed];

    public static string Name(this Stack stack) => stack switch
    {
        Stack.RawTcp => "raw TCP",
        Stack.NoiseYamux => "Noise + yamux",
        _ => "Noise + yamux + pnet",
    };
}
