namespace ManagedSwarm.Bench.Soak;

/// <summary>What is there although nothing is open any more.</summary>
/// <param name="Ends">Ends of streams that still run.</param>
/// <param name="Sessions">Sessions of the local peers.</param>
/// <param name="Connections">Their connections, and those in handshakes.</param>
/// <param name="Streams">Streams of connections, of closed ones too.</param>
/// <param name="Buffers">Buffers that connections have rented, closed ones too.</param>
/// <param name="Tasks">Tasks of the local peers, but for those of idle ones.</param>
internal readonly record struct Leftovers(int Ends, int Sessions, int Connections, int Streams, int Buffers, int Tasks)
{
    public static Leftovers operator +(Leftovers left, Leftovers right) => new(
        left.Ends + right.Ends,
        left.Sessions + right.Sessions,
        left.Connections + right.Connections,
        left.Streams + right.Streams,
        left.Buffers + right.Buffers,
        left.Tasks + right.Tasks);
}
