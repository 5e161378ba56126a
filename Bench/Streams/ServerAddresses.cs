using System.Globalization;
using ManagedSwarm.Transport.Libp2p;

namespace ManagedSwarm.Bench.Streams;

/// <summary>Where the other process listens.</summary>
/// <param name="Port">With a bare socket.</param>
/// <param name="Open">As a local peer.</param>
/// <param name="Hidden">As a local peer in a private network.</param>
internal sealed record ServerAddresses(int Port, Multiaddress Open, Multiaddress Hidden)
{
    public Multiaddress Of(Stack stack) => stack == Stack.NoiseYamuxPnet ? Hidden : Open;

    /// <summary>One line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Port} {Open} {Hidden}");

    /// <exception cref="FormatException">It is not such a line.</exception>
    public static ServerAddresses Parse(string? line) => line?.Split(' ') is [var port, var open, var hidden]
        ? new(int.Parse(port, CultureInfo.InvariantCulture), Multiaddress.Parse(open), Multiaddress.Parse(hidden))
        : throw new FormatException($"'{line}' does not say where the other process listens");
}
