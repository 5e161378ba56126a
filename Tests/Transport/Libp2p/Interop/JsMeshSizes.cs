namespace ManagedSwarm.Tests.Transport.Libp2p.Interop;

/// <summary>How many neighbours a js peer has in a topic's mesh.</summary>
internal sealed record JsMeshSizes(int Least, int Wanted, int Most)
{
    /// <summary>It takes all that ask and asks nobody.</summary>
    public static JsMeshSizes Passive { get; } = new(0, 0, 12);

    /// <summary>The specification's.</summary>
    public static JsMeshSizes Usual { get; } = new(4, 6, 12);

    /// <summary>It has one.</summary>
    public static JsMeshSizes One { get; } = new(1, 1, 1);
}
