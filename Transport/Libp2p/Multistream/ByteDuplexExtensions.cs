namespace ManagedSwarm.Transport.Libp2p.Multistream;

internal static class ByteDuplexExtensions
{
    /// <summary>Fills a buffer.</summary>
    /// <exception cref="SwarmException"><c>connection_lost</c>: it ended before; and what reading can throw.</exception>
    public static async ValueTask ReadExactlyAsync(this IByteDuplex duplex, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var wanted = buffer.Length;
        while (!buffer.IsEmpty)
        {
            var count = await duplex.ReadAsync(buffer, cancellationToken);
            if (count == 0)
            {
                throw new SwarmException("connection_lost", $"The other side closed after {wanted - buffer.Length} of {wanted} bytes of a negotiation.");
            }

            buffer = buffer[count..];
        }
    }
}
